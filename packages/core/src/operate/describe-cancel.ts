import type { CancelResult } from '../control/operation.ts';

/** What a cancel came to, in one sentence. */
export function describeCancel({ project, branch, jobs, held, ms }: CancelResult): string {
  const ended = jobs
    .map(({ job, was }) => `${was === 'running' ? 'the running' : 'the waiting'} job ${job}`)
    .join(' and ');
  const after =
    held === null
      ? 'what its head is could not be told, so the next sweep may build it'
      : `commit ${held.slice(0, 12)} is held until another comes, \`bough deploy\` or a retry`;
  return `${project} ${branch}: cancelled ${ended}; ${after} (${(ms / 1000).toFixed(1)} s)`;
}
