import { clockSlackMs } from '@bough/core/clock-slack.ts';
import { longestBackoffMs } from '@bough/core/queue/job-options.ts';
import { perQueue, type QueueName, queueNames } from '@bough/core/queue/jobs.ts';
import type { Actions } from '@bough/host/progress/actions.ts';
import { enqueueSweep } from '@bough/host/queue/enqueue.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { assertQueueSettings, type Schedules } from './assert-queue-settings.ts';
import { activeJobs, putBack } from './boot-recovery.ts';
import { promoteStranded } from './delayed-jobs.ts';
import { createUntaken } from './untaken.ts';

export interface QueueCare {
  readonly queues: Queues;
  readonly redis: Redis;
  /** The jobs this process works on, by queue. */
  readonly inHand: Readonly<Record<QueueName, ReadonlySet<string>>>;
  /** How many jobs it has begun with so far, by queue. */
  readonly begun: Readonly<Record<QueueName, number>>;
  readonly actions: Pick<Actions, 'begin'>;
  readonly schedules: Schedules;
  readonly log: Logger;
}

/** How long the first sweep waits for a build that was cut short, which is to run again within a second. */
const headStartMs = 2_000;
/** So long a look at the queues takes at the most, with a Redis that answers. */
const lookSec = 60;
/** Between two attempts at taking the queues over: a Redis that is full stays so until somebody makes room. */
const againMs = { first: 250, most: 10_000 };

/**
 * At the start: nothing is in hand yet, so every active job goes back at once. One sweep follows. While Redis refuses, for
 * want of memory or of disk, it is tried again: a worker without jobs can still roll back.
 */
export async function takeQueuesOver(care: QueueCare): Promise<void> {
  for (let ms = againMs.first; ; ms = Math.min(2 * ms, againMs.most)) {
    const ended = care.actions.begin('taking the queues over', lookSec, { needsRedis: true });
    try {
      await takeOver(care);
      return;
    } catch (err) {
      if (care.redis.status === 'end') throw err;
      care.log[ms === againMs.first ? 'warn' : 'debug'](
        { err },
        'the queues cannot be taken over now; trying until they can',
      );
    } finally {
      ended();
    }
    await sleep(ms);
  }
}

async function takeOver(care: QueueCare): Promise<void> {
  const { queues, redis, log } = care;
  const builds = await activeJobs(queues.build);
  await putBack(queues.build, redis, builds, log);
  for (const name of ['reconcile', 'sweep', 'operate'] as const)
    await putBack(queues[name], redis, await activeJobs(queues[name]), log);
  await queues.reconcile.removeJobScheduler('sweep'); // where an earlier Bough has it
  const { isFresh } = await assertQueueSettings(queues, care.schedules, log);
  if (!isFresh)
    await enqueueSweep(queues, { asked: { by: 'sweep' } }, { delayMs: builds.length > 0 ? headStartMs : 0 });
}

/**
 * From then on, every `everyMs` and whenever Redis is back: what Redis forgot is set again, and a job that is active but
 * in nobody's hands (the answer that gave it to us, or took it from us, got lost) goes back. `onEmptied`: Redis had forgotten all of
 * it. Returns how to stop.
 */
export function lookAfterQueues(
  care: QueueCare & { readonly onEmptied: () => Promise<void> },
  everyMs: number,
): () => void {
  const { queues, redis, inHand, begun, actions, log } = care;
  const untaken = createUntaken(redis, actions);
  const suspects = perQueue(() => new Set<string>());
  let looking = false;

  /** A job is between the queue and our hands for a moment, so it has to be seen like that twice. */
  async function putLostBack(name: QueueName): Promise<void> {
    const lost = (await activeJobs(queues[name])).filter((id) => !inHand[name].has(id));
    await putBack(
      queues[name],
      redis,
      lost.filter((id) => suspects[name].has(id)),
      log,
    );
    suspects[name] = new Set(lost);
  }

  async function lookAt(name: QueueName): Promise<void> {
    const queue = queues[name];
    await putLostBack(name);
    const jobs = await promoteStranded(queue, redis, Date.now() + longestBackoffMs + clockSlackMs);
    if (jobs.length > 0)
      log.warn({ queue: name, jobs }, 'jobs were put off by a clock that was ahead: it is their turn now');
    await untaken({ queue, inHand: inHand[name], begun: () => begun[name] });
  }

  async function look({ orphans }: { orphans: boolean }): Promise<void> {
    if (looking || redis.status !== 'ready') return;
    looking = true;
    const ended = actions.begin('looking after the queues', lookSec, { needsRedis: true });
    try {
      const { isFresh } = await assertQueueSettings(queues, care.schedules, log);
      if (isFresh) await care.onEmptied();
      if (orphans) for (const name of Object.values(queueNames)) await lookAt(name);
    } catch (err) {
      log.warn({ err }, 'the queues cannot be looked after now; trying again soon');
    } finally {
      ended();
      looking = false;
    }
  }

  const timer = setInterval(() => void look({ orphans: true }), everyMs);
  const onReady = () => void look({ orphans: false });
  redis.on('ready', onReady);
  return () => {
    clearInterval(timer);
    redis.off('ready', onReady);
  };
}
