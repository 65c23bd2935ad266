import { Ask, askOf } from '@bough/core/queue/ask.ts';
import { type BuildJob, queuePrefix } from '@bough/core/queue/jobs.ts';
import type { Redis } from 'ioredis';

/** Of each branch, for as long as GitHub lets a delivery be sent again. */
const kept = { most: 50, sec: 3 * 86_400 };

type BranchOf = Pick<BuildJob, 'project' | 'branch'>;

/** What was asked for of the commits of a branch, the last first. A job keeps no more than one commit, though it stands for many pushes. */
const asksKey = ({ project, branch }: BranchOf): string => `${queuePrefix}:asks:${project}.${branch}`;

/** Remembers what a job asks for, once, however often a sweep asks again. */
export async function rememberAsk(redis: Redis, job: BuildJob): Promise<void> {
  const ask = askOf(job);
  if (ask === null) return;
  const key = asksKey(job);
  // Sent at once. Not as a transaction, whose failure would not say why Redis refuses.
  await Promise.all([
    redis.zadd(key, Date.now(), JSON.stringify(ask)),
    redis.zremrangebyrank(key, 0, -kept.most - 1),
    redis.expire(key, kept.sec),
  ]);
}

/** What was asked for of a branch, the last first. */
export async function readAsks(redis: Redis, of: BranchOf): Promise<Ask[]> {
  const texts = await redis.zrange(asksKey(of), 0, '-1', 'REV');
  return texts.flatMap((text) => Ask.safeParse(JSON.parse(text)).data ?? []);
}

/** Forgets what was asked for and is settled. What is not to be built stays: a sweep may ask for it yet. */
export async function forgetAsks(redis: Redis, of: BranchOf, asks: readonly Ask[]): Promise<void> {
  const settled = asks.filter(({ skip }) => skip === undefined).map((ask) => JSON.stringify(ask));
  if (settled.length > 0) await redis.zrem(asksKey(of), ...settled);
}
