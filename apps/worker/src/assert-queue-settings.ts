import { clockSlackMs } from '@bough/core/clock-slack.ts';
import { gcJobOptions, sweepJobOptions } from '@bough/core/queue/job-options.ts';
import type { GcJob, SweepJob } from '@bough/core/queue/jobs.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Logger } from 'pino';

/** How often what happens by itself happens, in seconds. */
export interface Schedules {
  readonly sweepSec: number;
  readonly gcSec: number | 'never';
}

/**
 * Sets what BullMQ keeps in Redis, where a FLUSHALL, a restore or a person removes it: one build at a time, and the
 * schedules of the sweep and the collector. What is right already is left alone, so it may be called as often as one
 * likes. `isFresh`: there was no schedule, so BullMQ makes the first sweep at once.
 */
export async function assertQueueSettings(
  queues: Queues,
  { sweepSec, gcSec }: Schedules,
  log: Logger,
): Promise<{ isFresh: boolean }> {
  if ((await queues.build.getGlobalConcurrency()) !== 1) {
    await queues.build.setGlobalConcurrency(1);
    log.info('builds are limited to one at a time');
  }
  await assertCollector(queues, gcSec, log);

  const every = sweepSec * 1_000;
  const { isThere, isRight } = await lookAtScheduler(queues.sweep, 'sweep', every);
  if (isRight) return { isFresh: false };
  const { deduplication: _, ...opts } = sweepJobOptions(null); // a scheduler has one waiting job anyway
  const data: SweepJob = { asked: { by: 'sweep' } };
  await queues.sweep.upsertJobScheduler('sweep', { every }, { name: 'sweep', data, opts });
  log.info({ every }, 'the sweep is scheduled');
  return { isFresh: !isThere };
}

async function assertCollector({ build }: Queues, gcSec: number | 'never', log: Logger): Promise<void> {
  if (gcSec === 'never') {
    if (await build.removeJobScheduler('gc')) log.info('garbage is collected only when the disk runs full');
    return;
  }
  const every = gcSec * 1_000;
  if ((await lookAtScheduler(build, 'gc', every)).isRight) return;
  const { deduplication: _, ...opts } = gcJobOptions(false);
  const data: GcJob = { asked: { by: 'sweep' }, all: false };
  // Not at once, as BullMQ would: a build that needs room looks for it itself.
  await build.upsertJobScheduler('gc', { every, startDate: Date.now() + every }, { name: 'gc', data, opts });
  log.info({ every }, 'garbage collection is scheduled');
}

async function lookAtScheduler(
  queue: Pick<Queues['sweep' | 'build'], 'getJobScheduler' | 'removeJobScheduler'>,
  id: string,
  every: number,
): Promise<{ isThere: boolean; isRight: boolean }> {
  const scheduler = await queue.getJobScheduler(id);
  const next = (scheduler?.next ?? 0) - Date.now();
  // One that is long overdue has lost its next job. One beyond its turn was set by a clock that has been put back since:
  // it would not come for as long as the clock was ahead.
  const isDue = next > -3 * every && next <= every + clockSlackMs;
  if (scheduler !== undefined && next > every + clockSlackMs) await queue.removeJobScheduler(id);
  return { isThere: scheduler !== undefined, isRight: scheduler?.every === every && isDue };
}
