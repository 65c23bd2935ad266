import { sweepJobOptions } from '@bough/core/queue/job-options.ts';
import type { SweepJob } from '@bough/core/queue/jobs.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Logger } from 'pino';

/** Id of the scheduler that enqueues a sweep of all projects. */
const sweepScheduler = 'sweep';

/**
 * Sets what BullMQ keeps in Redis, where a FLUSHALL, a restore or a person removes it: one build at a time, and the
 * sweep's schedule. What is right already is left alone, so it may be called as often as one likes. `isFresh`: there was
 * no schedule, so BullMQ makes the first sweep at once.
 */
export async function assertQueueSettings(
  queues: Queues,
  sweepIntervalSec: number,
  log: Logger,
): Promise<{ isFresh: boolean }> {
  if ((await queues.build.getGlobalConcurrency()) !== 1) {
    await queues.build.setGlobalConcurrency(1);
    log.info('builds are limited to one at a time');
  }

  const every = sweepIntervalSec * 1_000;
  const scheduler = await queues.reconcile.getJobScheduler(sweepScheduler);
  // One that is long overdue has lost its next job.
  const overdue = (scheduler?.next ?? 0) < Date.now() - 3 * every;
  if (scheduler?.every === every && !overdue) return { isFresh: false };
  const { deduplication: _, ...opts } = sweepJobOptions(null); // a scheduler has one job at a time anyway
  const data: SweepJob = { asked: { by: 'sweep' } };
  await queues.reconcile.upsertJobScheduler(sweepScheduler, { every }, { name: 'sweep', data, opts });
  log.info({ every }, 'the sweep is scheduled');
  return { isFresh: scheduler === undefined };
}
