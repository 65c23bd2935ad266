import { queuePrefix } from '@bough/core/queue/jobs.ts';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** As long as GitHub lets a delivery be sent again. */
const keptSec = 3 * 86_400;

/**
 * Where it is remembered which job took in what would else have had a job `own`. Beside the keys of BullMQ's; a job's id names
 * its project, its delivery and its branch, so no two queues share one.
 */
export const joinedKey = (own: string): string => `${queuePrefix}:joined:${own}`;
/** The last that a job took in: if the job ran already, one more run followed it under that id. */
const followedKey = (job: string): string => `${queuePrefix}:followed:${job}`;

/** Remembers which job took another in: of that one BullMQ keeps nothing, or no more than of the last that a running job took in. */
export async function rememberJoined(redis: Redis, own: string, job: string): Promise<void> {
  await Promise.all([redis.set(joinedKey(own), job, 'EX', keptSec), redis.set(followedKey(job), own, 'EX', keptSec)]);
}

/** The job that stands for one that was taken in: the run that followed the one it joined, else that one. */
export async function findStandIn(redis: Redis, queue: Queue, own: string): Promise<Job | undefined> {
  const joined = await redis.get(joinedKey(own));
  if (joined === null) return undefined;
  const follower = await redis.get(followedKey(joined));
  return (follower === null ? undefined : await queue.getJob(follower)) ?? (await queue.getJob(joined));
}
