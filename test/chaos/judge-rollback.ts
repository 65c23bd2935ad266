import type { Release } from '@bough/core/state/release.ts';
import { type Commit, isFit } from './forge.ts';

/**
 * What is wrong with the release a rollback went to, of those that were kept right after it; `null`: nothing. It goes to the
 * newest verified one before the one that was desired, and not to the one a rotation renewed.
 */
export function judgeRollback(
  { from, to }: { readonly from: number; readonly to: number },
  releases: readonly Pick<Release, 'seq' | 'commit' | 'rotation' | 'verdict'>[],
  made: ReadonlyMap<string, Pick<Commit, 'kind' | 'text'>>,
): string | null {
  if (to >= from) return `it went from release ${from} to ${to}, which is not before it`;
  const commit = made.get(releases.find(({ seq }) => seq === to)?.commit ?? '');
  if (!isFit(commit)) return `it went to release ${to}, which is of ${commit?.text ?? 'nothing'}`;
  const before = releases.find(({ seq }) => seq === from);
  const between = releases.filter(({ seq, verdict }) => seq > to && seq < from && verdict.state === 'verified');
  const passedOver = between.find(({ seq }) => before !== undefined && seq !== before.rotation?.of);
  return passedOver === undefined ? null : `it went from release ${from} to ${to}, past ${passedOver.seq}`;
}
