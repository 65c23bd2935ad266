import { JoinedDelivery } from '@bough/core/ledger/joined-delivery.ts';
import { queuePrefix } from '@bough/core/queue/jobs.ts';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** As long as GitHub lets a delivery be sent again. */
const keptSec = 3 * 86_400;
const atOnce = 1_000;

/**
 * Where it is remembered which job took in what would else have had a job `own`. Beside the keys of BullMQ's; a job's id names
 * its project, its delivery and its branch, so no two queues share one.
 */
export const joinedKey = (own: string): string => `${queuePrefix}:joined:${own}`;
/** The last that a job took in, whoever asked for them: if it ran already, one more run followed it under the id of one of them. */
const joinersKey = (job: string): string => `${queuePrefix}:joiners:${job}`;
const mostJoiners = 50; // it is the last of them that BullMQ makes a job of

/** Remembers which job took another in: of that one BullMQ keeps nothing, or no more than of the last that a running job took in. */
export async function rememberJoined(redis: Redis, joined: JoinedDelivery): Promise<void> {
  const { own, job } = joined;
  await Promise.all([
    redis.set(joinedKey(own), JSON.stringify(joined), 'EX', keptSec),
    rememberJoiner(redis, own, job),
  ]);
}

/** Remembers what a job took in, for who looks for the run that followed it. */
export async function rememberJoiner(redis: Redis, own: string, job: string): Promise<void> {
  const key = joinersKey(job);
  await redis
    .multi()
    .lpush(key, own)
    .ltrim(key, 0, mostJoiners - 1)
    .expire(key, keptSec)
    .exec();
}

/** The run that followed a job which ran when others joined it; `undefined`: there is none. */
export async function findFollowing(redis: Redis, queue: Queue, job: string): Promise<Job | undefined> {
  for (const own of await redis.lrange(joinersKey(job), 0, -1)) {
    const found: Job | undefined = await queue.getJob(own);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All that are remembered, some at a time. It goes through all keys, a few milliseconds for each ten thousand of them. */
export async function* rememberedJoined(redis: Pick<Redis, 'scan' | 'mget'>): AsyncGenerator<JoinedDelivery[]> {
  for (let cursor = ''; cursor !== '0'; ) {
    const [next, keys] = await redis.scan(cursor || '0', 'MATCH', joinedKey('*'), 'COUNT', atOnce);
    cursor = next;
    if (keys.length > 0) yield (await redis.mget(keys)).flatMap((text) => readJoined(text) ?? []);
  }
}

/** `null`: an earlier Bough kept no more than the job's id. */
function readJoined(text: string | null): JoinedDelivery | null {
  return text?.startsWith('{') === true ? (JoinedDelivery.safeParse(JSON.parse(text)).data ?? null) : null;
}

/** The job that stands for one that was taken in: the run that followed the one it joined, else that one. */
export async function findStandIn(redis: Redis, queue: Queue, own: string): Promise<Job | undefined> {
  const text = await redis.get(joinedKey(own));
  if (text === null) return undefined;
  const job = readJoined(text)?.job ?? text;
  return (await findFollowing(redis, queue, job)) ?? (await queue.getJob(job));
}
