import { BranchName } from '../branch-name.ts';
import { isNoCommit } from '../commit.ts';
import type { ForgeEvent, TouchedFiles } from './event.ts';

/** A ref that moved, in what all forges have in common. `after` is a full hash, all zeroes where the ref is gone. */
export interface RefUpdate {
  readonly ref: string;
  readonly after: string;
  readonly created: boolean;
  readonly forced: boolean;
  readonly message: string;
  readonly files: () => TouchedFiles;
  readonly skip?: string | undefined;
}

const heads = 'refs/heads/';

/** The event a moved ref is: a push or a deletion of a branch, or nothing for Bough. */
export function refUpdated({ ref, after, created, forced, message, files, skip }: RefUpdate): ForgeEvent {
  const branch = readBranch(ref);
  if (typeof branch !== 'string') return branch;
  if (isNoCommit(after)) return { kind: 'delete', branch };
  const change = created ? 'created' : forced ? 'forced' : 'updated';
  return { kind: 'push', branch, commit: after, change, message, files, ...(skip === undefined ? {} : { skip }) };
}

/** The event of a ref that is gone, where the forge tells of it apart from pushes. */
export function refDeleted(ref: string): ForgeEvent {
  const branch = readBranch(ref);
  return typeof branch === 'string' ? { kind: 'delete', branch } : branch;
}

/** The branch of a full ref, or the event that says why there is none. */
function readBranch(ref: string): BranchName | ForgeEvent {
  if (ref.startsWith('refs/tags/')) return { kind: 'ignored', reason: 'a tag, not a branch', ref };
  if (!ref.startsWith(heads)) return { kind: 'ignored', reason: 'a ref that is not a branch', ref };
  const branch = BranchName.safeParse(ref.slice(heads.length));
  if (branch.success) return branch.data;
  return { kind: 'ignored', reason: `the branch name ${branch.error.issues[0]?.message ?? 'is unusable'}`, ref };
}
