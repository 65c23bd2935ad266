import { describeProgress, type Progress, stuckAction } from '@bough/core/progress/progress.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Redis } from 'ioredis';

/** What the worker is at, and how far it is. */
export type WorkerProgress = ReturnType<typeof createProgress>;

const mostJobs = 1_000;
const pending = ['wait', 'prioritized', 'delayed', 'active'] as const;

/** Keeps it, from before there is a connection to Redis. */
export function createProgress() {
  const actions = createActions();
  let redisReadyAt: number | null = null;
  const sweptAt = new Map<string, number>();
  const since = (at: number | null) => (at === null ? null : (performance.now() - at) / 1_000);
  const now = () => ({ actions: actions.list(), redisReadySec: since(redisReadyAt) });

  return {
    begin: actions.begin,
    stuck(): string | null {
      const action = stuckAction(now());
      return action === null ? null : `${action.what}, for ${Math.round(action.ageSec)} s`;
    },
    status: (): string => describeProgress(now()),

    /** From now on it is known for how long Redis is there. */
    watchRedis(redis: Redis): void {
      redis.on('ready', () => (redisReadyAt = performance.now()));
      redis.on('close', () => (redisReadyAt = null));
    },

    /** A sweep has looked at all of a project. */
    swept(project: string): void {
      sweptAt.set(project, performance.now());
    },

    /** `projects`: those that are to be swept. */
    async snapshot(queues: Queues, projects: readonly string[]): Promise<Progress> {
      const swept = projects.map((project) => sweptAt.get(project));
      return {
        ...now(),
        lastSweepSec: swept.every((at) => at !== undefined) ? since(Math.min(...swept)) : null,
        oldestPendingSec: redisReadyAt === null ? null : await oldestPendingSec(queues),
      };
    },
  };
}

/** Sweeps and collections are of no deployment. */
async function oldestPendingSec({ build, reconcile }: Queues): Promise<number | null> {
  const jobs = await Promise.all([
    build.getJobs([...pending], 0, mostJobs, true),
    reconcile.getJobs([...pending], 0, mostJobs, true),
  ]);
  const times = jobs
    .flat()
    .filter(({ name }) => name === 'build' || name === 'reconcile')
    .map(({ timestamp }) => timestamp);
  return times.length === 0 ? null : Math.max(0, Date.now() - Math.min(...times)) / 1_000;
}
