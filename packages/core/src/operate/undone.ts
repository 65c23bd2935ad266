import * as z from 'zod';
import { Deployment } from '../state/deployment.ts';
import type { Release } from '../state/release.ts';

/** What a rollback or a rotation decides. Whatever else changes meanwhile, by a build or a sweep, stays as it became. */
const decided = ['desired', 'pinned', 'expired', 'resumed'] as const;

const fields = Deployment.shape;
/** A deployment as it was before somebody decided, as far as undoing that needs it. */
export const Before = z.object({
  desired: fields.desired,
  pinned: fields.pinned,
  expired: fields.expired,
  resumed: fields.resumed,
  lastSeq: fields.lastSeq,
});
export type Before = z.infer<typeof Before>;

/**
 * A deployment without the decision that made `after` of `before`, whatever a build recorded of it since. `null`: somebody has
 * decided anew. Where nothing was pinned before, what was built since is desired, as it would be without the decision. One that had
 * failed may be gone, as the decision let another serve: then the newest verified one is desired.
 */
export function undone(
  now: Deployment,
  before: Before,
  after: Deployment,
  releases: readonly Pick<Release, 'seq' | 'verdict'>[],
): Deployment | null {
  if (isOtherwise(now, after)) return null;
  const { pinned, expired, resumed } = before;
  const verified = releases.filter(({ seq, verdict }) => verdict.state === 'verified' && seq !== after.desired);
  const desired = releases.some(({ seq }) => seq === before.desired)
    ? before.desired
    : (verified.toSorted((a, b) => b.seq - a.seq)[0]?.seq ?? before.desired);
  const restored = { ...now, desired, pinned, expired, resumed };
  const { head } = now;
  const isNewer = head?.outcome === 'released' && head.release > before.lastSeq && head.release !== after.desired;
  return pinned === null && isNewer ? { ...restored, desired: head.release } : restored;
}

/** Whether two states of a deployment differ in what a rollback or a rotation decides. */
export function isOtherwise(one: Before, other: Before): boolean {
  return decided.some((field) => JSON.stringify(one[field]) !== JSON.stringify(other[field]));
}
