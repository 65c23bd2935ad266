import type { TestContext } from 'node:test';
import type { CancelResult } from '@bough/core/control/operation.ts';
import type { BuildJob, BuildOutcome } from '@bough/core/queue/jobs.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import { createQueues } from '@bough/host/queue/create-queues.ts';
import { enqueueBuild } from '@bough/host/queue/enqueue.ts';
import type { Enqueued } from '@bough/host/queue/enqueued.ts';
import { createGate } from '@bough/host/queue/gate.ts';
import { connectWorker } from '@bough/host/redis/connect-worker.ts';
import { redisOptions } from '@bough/host/redis/redis-options.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { type CancelRun, createCancelBuild } from '@bough/worker/cancel/cancel-build.ts';
import type { BuildRun } from '@bough/worker/consume-builds.ts';
import { createRunningBuild } from '@bough/worker/running-build.ts';
import { type StartedWorker, startWorker } from '@bough/worker/start-worker.ts';
import { createTestRedis } from './redis.ts';
import { tempHost } from './temp-host.ts';
import { until } from './until.ts';

/** A build that runs, until the test ends it or it is told to stop. */
export interface HeldBuild {
  readonly branch: string;
  /** Aborted when it is told to stop. */
  readonly signal: AbortSignal;
  end(outcome: 'built' | Error): void;
}

export const commit = (number: number): string => String(number).padStart(40, '0');

/** Queues, a worker in this process whose builds are held by the test, and what cancels them. Only the building is not Bough's. */
export async function cancelRig(t: TestContext) {
  const { layout, log } = tempHost(t);
  const server = await createTestRedis();
  const connect = () => connectWorker(redisOptions(server.url), log);
  const redis = connect();
  const queues = createQueues(redis);
  const store = createDeploymentStore(layout);
  const running = createRunningBuild();
  const actions = createActions();
  const heads = new Map<string, string>();
  const builds: HeldBuild[] = [];
  const stubborn = new Set<string>();
  let beforeHead = async (): Promise<void> => undefined;
  let worker: StartedWorker | null = null;

  async function build({ branch }: BuildJob, { signal, onCommit }: BuildRun): Promise<BuildOutcome> {
    const head = heads.get(branch) ?? commit(0);
    onCommit(head);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    builds.push({ branch, signal, end: (outcome) => (outcome === 'built' ? resolve() : reject(outcome)) });
    signal.addEventListener('abort', () => (stubborn.has(branch) ? undefined : reject(signal.reason)));
    await promise;
    return { outcome: 'built', commit: head, release: 1, outPath: '/nix/store/none' };
  }

  async function start(): Promise<void> {
    const never = async () => await Promise.reject(new Error('no test asks for that'));
    worker = await startWorker({
      redis: connect(),
      queues,
      running,
      processors: {
        build,
        reconcile: async () => ({ outcome: 'converged', release: 1, applied: [], drift: [] }),
        sweep: async () => ({ findings: [] }),
        gc: never,
        operate: never,
        headOf: async (_project, branch) => heads.get(branch) ?? null,
        whyGoesOn: async () => null,
      },
      schedules: { sweepSec: 3_600, gcSec: 'never' },
      log,
      actions,
      limitSec: () => 3_600,
    });
  }

  t.after(async () => {
    for (const each of builds) each.end(new Error('the test is over'));
    await worker?.drain();
    await queues.close();
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });
  await until('Redis is there', () => redis.status === 'ready');
  await start();

  const cancelBuild = createCancelBuild({
    layout,
    store,
    redis,
    gate: createGate(redis, log, 10_000),
    queues,
    running,
    async headOf(_project, branch) {
      await beforeHead();
      return heads.get(branch) ?? null;
    },
    interrupt: () => undefined,
    actions,
    enqueueReconcile: async () => undefined,
    now: () => new Date(),
    log,
  });

  return {
    queues,
    redis,
    store,
    layout,
    /** What the worker and the cancel are at. */
    actions,
    /** Branches whose builds go on until the test ends them, also when they are told to stop. */
    stubborn,
    /** Something happens before the cancel looks up the head. */
    beforeHead: (work: () => Promise<void>): void => {
      beforeHead = work;
    },
    /** Ends the worker well, and starts another one. */
    restart: async (): Promise<void> => {
      await worker?.drain();
      await start();
    },
    push: (branch: string, head: string): Promise<Enqueued> => {
      heads.set(branch, head);
      const asked = { by: 'delivery', delivery: `${branch}-${Number(head)}` } as const;
      return enqueueBuild(queues, { project: 'demo', branch, asked, seen: head }, { production: false });
    },
    cancel: (branch: string, run?: CancelRun): Promise<CancelResult> =>
      cancelBuild({ kind: 'cancel', project: 'demo', branch, by: 'ada', why: 'a mistake' }, run),
    /** Waits until the `nth` build of a branch runs. */
    building: (branch: string, nth = 1): Promise<HeldBuild> =>
      until(`build ${nth} of ${branch} runs`, () => builds.filter((each) => each.branch === branch)[nth - 1]),
    builds: (branch: string): number => builds.filter((each) => each.branch === branch).length,
    outcome: async (id: string): Promise<{ outcome: string; reason?: string }> =>
      await until(`${id} has ended well`, async () => (await queues.build.getJob(id))?.returnvalue ?? null),
  };
}
