import * as z from 'zod';
import { Deployment } from '../state/deployment.ts';

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
 * decided anew. Where nothing was pinned before, what was built since is desired, as it would be without the decision.
 */
export function undone(now: Deployment, before: Before, after: Deployment): Deployment | null {
  if (isOtherwise(now, after)) return null;
  const { desired, pinned, expired, resumed } = before;
  const restored = { ...now, desired, pinned, expired, resumed };
  const { head } = now;
  const isNewer = head?.outcome === 'released' && head.release > before.lastSeq && head.release !== after.desired;
  return pinned === null && isNewer ? { ...restored, desired: head.release } : restored;
}

/** Whether two states of a deployment differ in what a rollback or a rotation decides. */
export function isOtherwise(one: Before, other: Before): boolean {
  return decided.some((field) => JSON.stringify(one[field]) !== JSON.stringify(other[field]));
}
