import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

const noToken = '0'; // BullMQ then asks for no lock of its own (removeLock.lua)

/**
 * Puts active jobs back at the head of their queue, at once rather than when BullMQ's lock runs out. Right only while
 * this process holds the worker lock: what is active and not in its hands is an orphan by definition.
 */
export async function putBack(queue: Queue, redis: Redis, jobIds: readonly string[], log: Logger): Promise<void> {
  for (const jobId of jobIds) {
    const job = await queue.getJob(jobId);
    if (job === undefined) {
      // An id without a job would hold the only place of a queue with global concurrency 1 for ever.
      await redis.lrem(queue.toKey('active'), 0, jobId);
      // Nothing else tells a worker that waits: it would look again only when its wait ends, 10 s later.
      await redis.zadd(queue.toKey('marker'), 0, '0'); // addBaseMarkerIfNeeded of BullMQ 6.7
    } else {
      await job.moveToWait(noToken);
    }
    log.warn(
      { job: jobId, queue: queue.name, lost: job === undefined },
      'a job nobody was working on is back in its queue',
    );
  }
}

/** The ids of all active jobs. */
export async function activeJobs(queue: Queue): Promise<string[]> {
  return await queue.getRanges(['active'], 0, -1);
}
