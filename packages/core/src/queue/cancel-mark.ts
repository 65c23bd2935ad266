import * as z from 'zod';
import { Decision } from '../state/deployment.ts';

/** A person cancelled a job while it waited: it ends so as soon as it is its turn. `attemptsMade` says which run is meant. */
export const CancelMark = z.strictObject({ ...Decision.shape, attemptsMade: z.int().min(0).default(0) });
export type CancelMark = z.infer<typeof CancelMark>;

/**
 * The mark of a job, where it counts for the run that is next or running; `null`: it is to be built. The mark is never taken
 * off: a job that has ended by it and is retried has made one attempt more.
 */
export function cancelMarkOf({ cancelled }: { cancelled?: CancelMark | undefined }, attemptsMade: number) {
  return cancelled !== undefined && cancelled.attemptsMade === attemptsMade ? cancelled : null;
}
