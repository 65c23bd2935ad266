import type { OperationResult, Rotated } from '../control/operation.ts';

/** What became of an operation, in one sentence. */
export function describeResult(result: OperationResult): string {
  const { kind, project, branch, to, changed } = result;
  const name = `${project} ${branch}`;
  if (!changed) return `${name}: ${unchanged(result)}`;
  const took = `(${(result.ms / 1000).toFixed(1)} s)`;
  switch (kind) {
    case 'rollback':
      return `${name}: release ${to} ${result.suspended === null ? 'serves' : 'is desired, but it is suspended'}, and it stays there until unpinned ${took}`;
    case 'pin':
      return `${name}: stays on release ${to} until unpinned`;
    case 'unpin':
      return result.suspended === null
        ? `${name}: follows its branch again; release ${to} serves ${took}`
        : `${name}: follows its branch again, but it is suspended`;
    case 'suspend':
      return `${name}: suspended, nothing of it runs ${took}`;
    case 'resume':
      return to === null ? `${name}: resumed; nothing was built yet` : `${name}: resumed; release ${to} serves ${took}`;
    case 'delete':
      return `${name}: taken down until a new commit, \`bough deploy\` or \`bough resume\` ${took}`;
    case 'rotate':
      return `${name}: release ${to} serves, the output of release ${result.from} started anew ${took}`;
  }
}

function unchanged({ kind, to, pinned, suspended, rotated }: OperationResult): string {
  switch (kind) {
    case 'rollback':
      return `is pinned to release ${to} already, by ${pinned?.by}`;
    case 'pin':
      return `is pinned already, by ${pinned?.by}: ${pinned?.why || 'no reason given'}`;
    case 'unpin':
      return 'is not pinned';
    case 'suspend':
      return `is suspended already, by ${suspended?.by}: ${suspended?.why || 'no reason given'}`;
    case 'resume':
      return 'is not suspended and has not expired';
    case 'delete':
      return 'is down already: it was deleted or has expired';
    case 'rotate':
      return rotated === null || rotated === 'restarted' ? 'nothing had to be done' : whyNotRestarted[rotated];
  }
}

const whyNotRestarted: Record<Exclude<Rotated, 'restarted'>, string> = {
  asleep: 'is asleep; it reads the new content when it wakes',
  suspended: 'is suspended; it reads the new content when it is resumed',
  'not live': 'nothing of it runs; whatever starts next reads the new content',
  unused: 'does not get the credential',
};
