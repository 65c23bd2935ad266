import { AppError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { BuildRequest } from '@bough/core/control/build-request.ts';
import { GcRequest } from '@bough/core/control/gc-request.ts';
import { Cancel, Operation } from '@bough/core/control/operation.ts';
import { ProjectOperation, type ProjectResult } from '@bough/core/control/project-operation.ts';
import { SweepRequest } from '@bough/core/control/sweep-request.ts';
import { jobLimitSec } from '@bough/core/progress/job-limit.ts';
import type { Progress } from '@bough/core/progress/progress.ts';
import { printable } from '@bough/core/text/printable.ts';
import { type ControlRoutes, withBody } from '@bough/host/control/serve-control.ts';
import type { Actions } from '@bough/host/progress/actions.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import { enqueueBuild, enqueueGc, enqueueSweep } from '@bough/host/queue/enqueue.ts';
import type { Gate } from '@bough/host/queue/gate.ts';
import type { createPerform } from './perform.ts';

export interface ControlHost {
  readonly config: Config;
  readonly perform: Pick<ReturnType<typeof createPerform>, 'operation' | 'cancel'>;
  readonly operateProject: (operation: ProjectOperation) => Promise<ProjectResult>;
  /** What needs Redis is refused while that is away, or does not answer. */
  readonly gate: Gate;
  readonly queues: Queues;
  readonly progress: () => Promise<Progress>;
  readonly actions: Pick<Actions, 'begin'>;
  /** Aborted at shutdown. */
  readonly stop: AbortSignal;
  /** Whether jobs are taken, for which Redis had to be there. */
  readonly isTakingJobs: () => boolean;
}

/** What the command line may ask of the worker. Operations need no Redis; a sweep, which enqueues builds, does. */
export function controlRoutes(host: ControlHost): ControlRoutes {
  const { config, perform, operateProject, gate, queues, progress, actions, stop, isTakingJobs } = host;

  /** What a person asks for is noted until all of it is done. */
  function begin({ kind, project, by, ...of }: { kind: string; project: string; by: string; branch?: string }) {
    const what = [kind, project, of.branch, `asked by ${by}`].filter((part) => part !== undefined).join(' ');
    return actions.begin(printable(what, 200), jobLimitSec(config, kind));
  }

  return {
    'GET /readiness': async () => ({ pid: process.pid, ready: isTakingJobs() }),
    'GET /progress': progress,
    'POST /operations': withBody(Operation, async (operation, asker) => {
      const ended = begin(operation);
      try {
        const { result, finished } = await perform.operation(operation, { asker, stop });
        void finished.finally(ended);
        return result;
      } catch (error) {
        ended();
        throw error;
      }
    }),
    'POST /cancellations': withBody(Cancel, async (ask) => {
      const ended = begin(ask);
      return await perform.cancel(ask).finally(ended);
    }),
    'POST /builds': withBody(BuildRequest, async ({ project, branch, by }) => {
      const settings = config.projects[project];
      if (settings === undefined) throw new AppError('PROJECT_UNKNOWN', `no project ${project} is configured`);
      const asked = { by: 'person', name: by } as const;
      return await gate('the build', () =>
        enqueueBuild(queues, { project, branch, asked }, { production: branch === settings.production }),
      );
    }),
    'POST /projects': withBody(ProjectOperation, async (operation) => {
      const ended = begin(operation);
      return await operateProject(operation).finally(ended);
    }),
    'POST /sweeps': withBody(SweepRequest, async ({ project }) => {
      const job = { ...(project === null ? {} : { project }), asked: { by: 'person' } } as const;
      return await gate('the sweep', () => enqueueSweep(queues, job));
    }),
    'POST /collections': withBody(
      GcRequest,
      async ({ all }) => await gate('the collection', () => enqueueGc(queues, { all, asked: { by: 'person' } })),
    ),
  };
}
