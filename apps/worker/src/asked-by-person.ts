import { Asked } from '@bough/core/queue/jobs.ts';
import type { Job } from 'bullmq';

/**
 * Whether a person asked for this run of a job. A job that failed and is run again by itself still carries
 * `failedReason`; only `Job.retry()`, which the board's button and a redelivery call, removes it and nothing else of the
 * failure (reprocessJob.lua of BullMQ 6.7). Neither a restart of the worker nor a shutdown touches either.
 */
export function askedByPerson(job: Pick<Job, 'data' | 'attemptsMade' | 'stacktrace' | 'failedReason'>): boolean {
  const ranBefore = job.attemptsMade > 0 || (job.stacktrace?.length ?? 0) > 0; // a retry may reset the attempts
  return askedBy(job) === 'person' || (ranBefore && !job.failedReason);
}

/** Who asked for a job, as its data says; `undefined` where that is not ours. */
export function askedBy(job: Pick<Job, 'data'>): Asked['by'] | undefined {
  return Asked.safeParse(job.data?.asked).data?.by;
}
