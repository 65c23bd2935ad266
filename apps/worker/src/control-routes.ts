import { AppError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { BuildRequest } from '@bough/core/control/build-request.ts';
import { GcRequest } from '@bough/core/control/gc-request.ts';
import { Cancel, Operation } from '@bough/core/control/operation.ts';
import { ProjectOperation, type ProjectResult } from '@bough/core/control/project-operation.ts';
import { SweepRequest } from '@bough/core/control/sweep-request.ts';
import { type ControlRoutes, withBody } from '@bough/host/control/serve-control.ts';
import type { Progress } from '@bough/core/progress/progress.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import { enqueueBuild, enqueueGc, enqueueSweep } from '@bough/host/queue/enqueue.ts';
import type { Redis } from 'ioredis';
import type { createPerform } from './perform.ts';

export interface ControlHost {
  readonly config: Config;
  readonly perform: Pick<ReturnType<typeof createPerform>, 'operation' | 'cancel'>;
  readonly operateProject: (operation: ProjectOperation) => Promise<ProjectResult>;
  readonly redis: Redis;
  readonly queues: Queues;
  readonly progress: () => Promise<Progress>;
  /** Aborted at shutdown. */
  readonly stop: AbortSignal;
  /** Whether jobs are taken, for which Redis had to be there. */
  readonly isTakingJobs: () => boolean;
}

/** What the command line may ask of the worker. Operations need no Redis; a sweep, which enqueues builds, does. */
export function controlRoutes(host: ControlHost): ControlRoutes {
  const { config, perform, operateProject, redis, queues, progress, stop, isTakingJobs } = host;
  return {
    'GET /readiness': async () => ({ pid: process.pid, ready: isTakingJobs() }),
    'GET /progress': progress,
    'POST /operations': withBody(
      Operation,
      async (operation, asker) => (await perform.operation(operation, { asker, stop })).result,
    ),
    'POST /cancellations': withBody(Cancel, async (ask) => await perform.cancel(ask)),
    'POST /builds': withBody(BuildRequest, async ({ project, branch, by }) => {
      const settings = config.projects[project];
      if (settings === undefined) throw new AppError('PROJECT_UNKNOWN', `no project ${project} is configured`);
      if (redis.status !== 'ready')
        throw new AppError('QUEUE_UNAVAILABLE', 'Redis is not connected, and a build has to wait for its turn there');
      const asked = { by: 'person', name: by } as const;
      return await enqueueBuild(queues, { project, branch, asked }, { production: branch === settings.production });
    }),
    'POST /projects': withBody(ProjectOperation, async (operation) => await operateProject(operation)),
    'POST /sweeps': withBody(SweepRequest, async ({ project }) => {
      if (redis.status !== 'ready')
        throw new AppError('QUEUE_UNAVAILABLE', 'Redis is not connected, and what a sweep finds has to be enqueued');
      return await enqueueSweep(queues, { ...(project === null ? {} : { project }), asked: { by: 'person' } });
    }),
    'POST /collections': withBody(GcRequest, async ({ all }) => {
      if (redis.status !== 'ready')
        throw new AppError(
          'QUEUE_UNAVAILABLE',
          'Redis is not connected, and a collection has to wait for the running build',
        );
      return await enqueueGc(queues, { all, asked: { by: 'person' } });
    }),
  };
}
