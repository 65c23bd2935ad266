import { perQueue, type QueueName, queueNames } from '@bough/core/queue/jobs.ts';
import { enqueueSweep } from '@bough/host/queue/enqueue.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { assertQueueSettings, type Schedules } from './assert-queue-settings.ts';
import { activeJobs, putBack } from './boot-recovery.ts';

export interface QueueCare {
  readonly queues: Queues;
  readonly redis: Redis;
  /** The jobs this process works on, by queue. */
  readonly inHand: Readonly<Record<QueueName, ReadonlySet<string>>>;
  readonly schedules: Schedules;
  readonly log: Logger;
}

/** How long the first sweep waits for a build that was cut short, which is to run again within a second. */
const headStartMs = 2_000;

/** At the start: nothing is in hand yet, so every active job goes back at once. One sweep follows. */
export async function takeQueuesOver(care: QueueCare): Promise<void> {
  const { queues, redis, log } = care;
  const builds = await activeJobs(queues.build);
  await putBack(queues.build, redis, builds, log);
  for (const name of ['reconcile', 'sweep', 'operate'] as const)
    await putBack(queues[name], redis, await activeJobs(queues[name]), log);
  const { isFresh } = await assertQueueSettings(queues, care.schedules, log);
  if (!isFresh) await enqueueSweep(queues, { asked: { by: 'sweep' } }, builds.length > 0 ? headStartMs : 0);
}

/**
 * From then on, every `everyMs` and whenever Redis is back: what Redis forgot is set again, and a job that is active but
 * in nobody's hands (the answer that gave it to us, or took it from us, got lost) goes back. Returns how to stop.
 */
export function lookAfterQueues(care: QueueCare, everyMs: number): () => void {
  const { queues, redis, inHand, log } = care;
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

  async function look({ orphans }: { orphans: boolean }): Promise<void> {
    if (looking || redis.status !== 'ready') return;
    looking = true;
    try {
      await assertQueueSettings(queues, care.schedules, log);
      if (orphans) for (const name of Object.values(queueNames)) await putLostBack(name);
    } catch (err) {
      log.warn({ err }, 'the queues cannot be looked after now; trying again soon');
    } finally {
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
