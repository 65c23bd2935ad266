import { queuePrefix } from '@bough/core/queue/jobs.ts';
import type { Actions } from '@bough/host/progress/actions.ts';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { isAnyDue } from './delayed-jobs.ts';

/** BullMQ takes a job within milliseconds, and a second later at the most where a connection has just been lost. */
const takenWithinSec = 30;

/** What one queue's jobs are told by. */
export interface QueueInHand {
  readonly queue: Queue;
  /** The jobs this process works on. */
  readonly inHand: ReadonlySet<string>;
  /** How many it has begun with so far. */
  readonly begun: () => number;
}

/**
 * Notes that a job of a queue could be taken and nobody takes it: then what takes jobs has come to a stand, which nothing else
 * would tell, as nothing has begun. To be called now and then, while Redis is there.
 */
export function createUntaken(redis: Redis, actions: Pick<Actions, 'begin'>) {
  const noted = new Map<string, { readonly begun: number; readonly end: () => void }>();

  return async function look({ queue, inHand, begun }: QueueInHand): Promise<void> {
    const known = noted.get(queue.name);
    const isUntaken =
      inHand.size === 0 && (await isTakeable(queue, redis)) && (await takesWrites(redis)) && inHand.size === 0;
    if (isUntaken && known?.begun === begun()) return;
    known?.end();
    noted.delete(queue.name);
    if (!isUntaken) return;
    const what = `queue ${queue.name}: a job could be taken and nobody takes it`;
    noted.set(queue.name, { begun: begun(), end: actions.begin(what, takenWithinSec, { needsRedis: true }) });
  };
}

/** One that is full, or cannot write its own disk, answers and lets nobody take a job: a new worker would not either. */
async function takesWrites(redis: Redis): Promise<boolean> {
  try {
    await redis.set(`${queuePrefix}:takes-writes`, '', 'PX', 1);
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return false;
    throw error;
  }
}

async function isTakeable(queue: Queue, redis: Redis): Promise<boolean> {
  if (await queue.isPaused()) return false;
  const waiting = await queue.getJobCountByTypes('waiting', 'prioritized');
  return waiting > 0 || (await isAnyDue(queue, redis, Date.now()));
}
