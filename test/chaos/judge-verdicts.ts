import type { Release } from '@bough/core/state/release.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import type { Deed } from './deed.ts';
import { type Commit, isFit } from './forge.ts';

/** What counts of a release here. */
type Judged = Pick<Release, 'slug' | 'seq' | 'commit' | 'verdict'>;

/**
 * The verdicts that do not fit what was pushed, a sentence each: one that works is never found unfit, unless the run
 * killed its process, and one that ends at once is never found fit.
 */
export function judgeVerdicts(
  releases: readonly Judged[],
  made: ReadonlyMap<string, Pick<Commit, 'kind' | 'text'>>,
  deeds: readonly Deed[],
): string[] {
  return releases.flatMap((release) => {
    const { seq, commit, verdict } = release;
    const pushed = made.get(commit);
    const isWrong = isFit(pushed)
      ? verdict.state === 'failed' && !wasKilled(deeds, release)
      : verdict.state === 'verified';
    return isWrong
      ? [`release ${seq} is of ${pushed?.text ?? 'nothing'}, its verdict is ${JSON.stringify(verdict)}`]
      : [];
  });
}

/** Whether the run killed the process of a release while it was verified: nobody can tell that from a bad one. */
export function wasKilled(deeds: readonly Deed[], { slug, seq, verdict }: Omit<Judged, 'commit'>): boolean {
  if (verdict.state !== 'failed' || !verdict.message.includes('the process was killed by signal 9')) return false;
  return deeds.some(({ action, unit = '', missed }) => {
    const parts = parseUnitName(unit);
    const isOfIt = parts?.slug === slug && parts.seq === seq;
    return isOfIt && missed !== true && action.do === 'harm' && action.what === 'kill-app';
  });
}
