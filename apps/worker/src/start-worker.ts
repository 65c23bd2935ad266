import { jobTitle } from '@bough/core/queue/job-title.ts';
import { perQueue, type QueueName, queueNames, queuePrefix } from '@bough/core/queue/jobs.ts';
import { printable } from '@bough/core/text/printable.ts';
import type { Actions } from '@bough/host/progress/actions.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Schedules } from './assert-queue-settings.ts';
import { type BuildConsumerHost, createBuildConsumer } from './consume-builds.ts';
import { createOperateConsumer, operateConcurrency, type OperateConsumerHost } from './consume-operations.ts';
import { createReconcileConsumer, reconcileConcurrency, type ReconcileConsumerHost } from './consume-reconciles.ts';
import { createSweepConsumer, sweepConcurrency, type SweepConsumerHost } from './consume-sweeps.ts';
import { drain } from './drain.ts';
import { createGcConsumer, type GcConsumerHost } from './gc/consume-gc.ts';
import { lookAfterQueues, takeQueuesOver } from './look-after-queues.ts';
import type { RunningBuild } from './running-build.ts';
import { createSupersede, type SupersedeHost } from './supersede.ts';
import { watchPushes } from './watch-pushes.ts';

/** What the worker does with its jobs; everything around it is the shell's. */
export interface Processors
  extends Pick<BuildConsumerHost, 'build'>,
    Pick<GcConsumerHost, 'gc'>,
    Pick<ReconcileConsumerHost, 'reconcile'>,
    Pick<SweepConsumerHost, 'sweep'>,
    Pick<OperateConsumerHost, 'operate'>,
    Pick<SupersedeHost, 'headOf' | 'whyGoesOn'> {}

export interface WorkerOptions {
  /** Made with `connectWorker`; `drain` closes it. */
  readonly redis: Redis;
  readonly queues: Queues;
  readonly running: RunningBuild;
  readonly processors: Processors;
  readonly schedules: Schedules;
  readonly log: Logger;
  /** Where is noted what goes on, each run of a job too. */
  readonly actions: Pick<Actions, 'begin'>;
  /** Seconds within which a job of a kind has ended. */
  readonly limitSec: (kind: string) => number;
  /** How long BullMQ's lock on a job lasts, in ms; only tests want another. */
  readonly lockDurationMs?: number;
  /** How often the queues are looked after, in ms; only tests want another. */
  readonly careMs?: number;
}

/** The worker at work. */
export interface StartedWorker {
  /** Ends it within seconds: the running jobs are stopped and back in their queues. */
  drain(): Promise<void>;
}

// The worker lock keeps others away, not BullMQ's: that one only must not run out while Redis is down for an evening.
const day = 86_400_000;

/**
 * Starts to work on the queues. Call it only while holding the worker lock: it takes every active job for an orphan.
 * Resolves once jobs are taken, for which Redis has to be there.
 */
export async function startWorker(options: WorkerOptions): Promise<StartedWorker> {
  const { redis, queues, running, processors, actions, limitSec, log, lockDurationMs = day, careMs = 10_000 } = options;
  const stop = new AbortController();
  const inHand = perQueue(() => new Set<string>());
  const supersede = createSupersede({ ...processors, running, log });
  const begun = perQueue(() => 0);
  const care = { queues, redis, inHand, begun, actions, schedules: options.schedules, log };
  const workerOptions = {
    connection: redis,
    prefix: queuePrefix,
    skipVersionCheck: true,
    autorun: false, // not before the orphans are back
    lockDuration: lockDurationMs,
    skipStalledCheck: true, // it would take a job from us while we work on it; `lookAfterQueues` does not
    runRetryDelay: 1_000,
  };

  /** A processor whose runs are noted. It declares three parameters: BullMQ hands its signal to no other. */
  function noted(queue: QueueName, consume: Consume): Consume {
    return async (job: Job, token?: string, cancelled?: AbortSignal) => {
      begun[queue] += 1;
      const ended = actions.begin(printable(jobTitle(job), 200), limitSec(job.name), { isJob: true });
      try {
        return await consume(job, token, cancelled);
      } finally {
        ended();
      }
    };
  }

  await takeQueuesOver(care);
  const shared = { ...processors, stop: stop.signal, log };
  const consumeBuild = createBuildConsumer({ ...shared, running, supersede, inHand: inHand.build });
  const consumeGc = createGcConsumer({ ...shared, inHand: inHand.build });
  const builds = new Worker(
    queueNames.build,
    noted(
      'build',
      async (job, token, cancelled) => await (job.name === 'gc' ? consumeGc : consumeBuild)(job, token, cancelled),
    ),
    { ...workerOptions, concurrency: 1 },
  );
  const reconciles = new Worker(
    queueNames.reconcile,
    noted('reconcile', createReconcileConsumer({ ...shared, queue: queues.reconcile, inHand: inHand.reconcile })),
    { ...workerOptions, concurrency: reconcileConcurrency },
  );
  const sweeps = new Worker(
    queueNames.sweep,
    noted('sweep', createSweepConsumer({ ...shared, queue: queues.sweep, inHand: inHand.sweep })),
    { ...workerOptions, concurrency: sweepConcurrency },
  );
  const operations = new Worker(
    queueNames.operate,
    noted('operate', createOperateConsumer({ ...shared, inHand: inHand.operate })),
    { ...workerOptions, concurrency: operateConcurrency },
  );
  const workers = [builds, reconciles, sweeps, operations];
  const pushes = await watchPushes({ redis, queue: queues.build, running, supersede, log });
  const stopCaring = lookAfterQueues({ ...care, onEmptied: () => pushes.renew() }, careMs);
  for (const worker of workers) void run(worker, redis, log);
  log.info('taking jobs');

  return {
    async drain() {
      stopCaring();
      await drain({ workers, inHand: () => Object.values(inHand).flatMap((jobs) => [...jobs]), stop, log });
      await Promise.race([pushes.close(), sleep(500)]); // it waits for Redis, which may be away
      redis.disconnect();
    },
  };
}

type Consume = (job: Job, token?: string, cancelled?: AbortSignal) => Promise<unknown>;

async function run(worker: Worker, redis: Redis, log: Logger): Promise<void> {
  // That Redis is away its connection says, once.
  worker.on('error', (err) =>
    log[redis.status === 'ready' ? 'warn' : 'debug']({ err, queue: worker.name }, 'BullMQ reports an error'),
  );
  worker.on('lockRenewalFailed', (jobs: string[]) =>
    log.warn({ jobs }, 'BullMQ has lost its lock on a job; the worker lock stands and the work goes on'),
  );
  while (worker.closing === undefined) {
    try {
      await worker.run(); // until it is closed
    } catch (err) {
      log.error({ err, queue: worker.name }, 'BullMQ has stopped taking jobs; it is started again');
      await sleep(1_000);
    }
  }
}
