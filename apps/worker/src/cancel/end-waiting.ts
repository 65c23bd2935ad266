import type { BuildJob } from '@bough/core/queue/jobs.ts';
import type { Decision } from '@bough/core/state/deployment.ts';
import type { Job } from 'bullmq';

/** From here on a push makes a job of its own rather than join this one. */
export async function letNoneJoin(job: Job<BuildJob>): Promise<void> {
  await job.removeDeduplicationKey(); // only if it is this job's own (removeDeduplicationKey.lua of BullMQ 6.7)
}

/**
 * Marks a job that waits and puts it first in its queue: BullMQ ends no job that does not run, and one that is removed leaves
 * its delivery without an outcome. `false`: it has begun to run meanwhile, perhaps unmarked.
 */
export async function endWaiting(job: Job<BuildJob>, decision: Decision): Promise<boolean> {
  await job.updateData({ ...job.data, cancelled: { ...decision, attemptsMade: job.attemptsMade } });
  if (await job.isActive()) return false;
  if (await job.isDelayed()) await job.promote();
  await job.changePriority({ priority: 0, lifo: true });
  return true;
}
