import type { JobLine, ShownEnd } from './delivery-line.ts';

/** What the end of a build the sweep asked for did for a push: of what did not heal it, the end itself says what became of it. */
export function foundBySweep(line: Pick<JobLine, 'outcome' | 'at'>): string {
  return `${heals(line) ? 'healed' : 'found'} by the sweep at ${new Date(line.at).toISOString()}`;
}

/** Whether a build came to what its push asks for: it is built, or stood already. */
export function heals({ outcome }: Pick<ShownEnd, 'outcome'>): boolean {
  return outcome === 'built' || outcome === 'unchanged';
}
