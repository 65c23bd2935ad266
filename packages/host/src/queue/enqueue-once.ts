import type { JoinedDelivery } from '@bough/core/ledger/joined-delivery.ts';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { addJob, type JobToAdd } from './add-job.ts';
import type { Enqueued } from './enqueued.ts';
import { findStandIn, joinedKey, rememberJoined } from './joined-jobs.ts';

/** What a delivery tells of. */
type Told = Omit<JoinedDelivery, 'own' | 'job' | 'at'>;

/**
 * Adds the job that stands for a delivery under the id that is the delivery's own, unless it came before: then the job it led
 * to is the answer, and is tried again where it had failed.
 */
export async function enqueueOnce(redis: Redis, job: JobToAdd, own: string, told: Told): Promise<Enqueued> {
  const { queue } = job;
  if ((await redis.exists(queue.toKey(own), joinedKey(own))) > 0) {
    const earlier = (await queue.getJob(own)) ?? (await findStandIn(redis, queue, own));
    if (earlier !== undefined) return await repeat(earlier, own);
  }
  const added = await addJob(job, own);
  if (added.outcome === 'joined') await rememberJoined(redis, { own, job: added.job, at: Date.now(), ...told });
  return added;
}

/** BullMQ takes an id it knows for done, even where that job failed: one that failed has to be retried by hand. */
async function repeat(earlier: Job, own: string): Promise<Enqueued> {
  const job = earlier.id ?? own;
  if (!(await earlier.isFailed())) return { job, own, outcome: 'repeated' };
  try {
    await earlier.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    return { job, own, outcome: 'retried' };
  } catch (error) {
    if (await earlier.isFailed()) throw error;
    return { job, own, outcome: 'repeated' }; // somebody else retried it meanwhile
  }
}
