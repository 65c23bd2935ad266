import { describeProgress, type Progress, stuckAction } from '@bough/core/progress/progress.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import { createLastSweep } from '@bough/host/progress/last-sweep.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Redis } from 'ioredis';
import { createOldestPending } from './oldest-pending.ts';

/** What the worker is at, and how far it is. */
export type WorkerProgress = ReturnType<typeof createProgress>;

/** Keeps it, from before there is a connection to Redis. `lastSweep`: the file that says when that was. */
export function createProgress({ lastSweep }: { readonly lastSweep: string }) {
  const actions = createActions();
  const sweep = createLastSweep(lastSweep);
  const oldestPending = createOldestPending();
  let redisReadyAt: number | null = null;
  const redisReadySec = () => (redisReadyAt === null ? null : (performance.now() - redisReadyAt) / 1_000);
  const now = () => ({ actions: actions.list(), redisReadySec: redisReadySec() });

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
    swept: (project: string) => sweep.note(project),

    /** `projects`: those that are to be swept. */
    async snapshot(queues: Queues, projects: readonly string[]): Promise<Progress> {
      const oldestPendingSec = redisReadyAt === null ? null : await oldestPending(queues);
      return { ...now(), lastSweepSec: sweep.age(projects), oldestPendingSec };
    },
  };
}
