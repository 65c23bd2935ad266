import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** The score of a delayed job is the time it is due, in ms since 1970, times this (addDelayedJob.lua of BullMQ 6.7). */
const scale = 0x1000;

/** Whether a job of a queue is due by then, in ms since 1970. */
export async function isAnyDue(queue: Queue, redis: Redis, by: number): Promise<boolean> {
  return (await redis.zcount(queue.toKey('delayed'), '-inf', by * scale)) > 0;
}

/**
 * Lets the jobs go first that would wait beyond `last`: when they were put off the clock was ahead, and until it is there
 * again whoever asks for the same would join them. What a schedule has put off is left to it.
 */
export async function promoteStranded(queue: Queue, redis: Redis, last: number): Promise<string[]> {
  const promoted: string[] = [];
  for (const id of await redis.zrangebyscore(queue.toKey('delayed'), last * scale, '+inf')) {
    const job: Job | undefined = await queue.getJob(id);
    if (job === undefined || job.repeatJobKey !== undefined) continue;
    await job.promote();
    promoted.push(id);
  }
  return promoted;
}
