import type { Release } from '../state/release.ts';

/** The releases that are kept, in one line for a person who has to choose one. */
export function listReleases(releases: readonly Release[], desired: number | null): string {
  if (releases.length === 0) return 'no release is kept';
  const each = releases
    .toSorted((a, b) => b.seq - a.seq)
    .map(({ seq, commit, verdict }) => {
      const marks = [commit.slice(0, 12), verdict.state, ...(seq === desired ? ['desired'] : [])];
      return `${seq} (${marks.join(', ')})`;
    });
  return `kept are ${each.join(', ')}`;
}
