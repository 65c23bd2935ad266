import { AppError } from '@bough/core/app-error.ts';
import type { Cancel, CancelResult } from '@bough/core/control/operation.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Gate } from '@bough/host/queue/gate.ts';
import type { Actions } from '@bough/host/progress/actions.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { ProjectHost } from '@bough/host/state/project-store.ts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { RunningBuild } from '../running-build.ts';
import { findNamed } from './find-builds.ts';
import { stopBuilds } from './stop-builds.ts';

/** What cancelling needs of the worker. */
export interface CancelHost extends ProjectHost {
  readonly redis: Redis;
  /** Whatever needs Redis goes through it. */
  readonly gate: Gate;
  readonly queues: Queues;
  readonly running: RunningBuild;
  /** The branch's head at the forge now, `null` where there is no such branch. It has a deadline of its own. */
  readonly headOf: (project: string, branch: string) => Promise<string | null>;
  /** Makes a reconcile that runs now leave off. */
  readonly interrupt: (id: DeploymentId) => void;
  readonly enqueueReconcile: (id: DeploymentId) => Promise<unknown>;
  readonly now: () => Date;
  readonly log: Logger;
  /** Where what is waited for is noted. */
  readonly actions?: Pick<Actions, 'begin'> | undefined;
}

/** What an earlier run of the same cancel, cut short, had found; and where this one says what it finds. */
export interface CancelRun {
  readonly commit?: string | undefined;
  readonly remember?: (commit: string) => Promise<void>;
}

/**
 * Ends what is built of a branch or waits to be, on behalf of a person. The jobs end as *cancelled*; the commit is held: no
 * sweep and no delivery of the same commit builds it, until another one comes or a person asks.
 *
 * The commit is held before any of the jobs ends (`CancelReason.held`), and a run after a crash is told which it was: so
 * wherever the worker dies, either a job is still there to be cancelled, or the commit is held.
 * The function made throws AppError QUEUE_UNAVAILABLE, and OPERATION_REFUSED where there is nothing to cancel.
 */
export function createCancelBuild(host: CancelHost) {
  return async (ask: Cancel, run: CancelRun = {}): Promise<CancelResult> => {
    const began = performance.now();
    const { project, by, why } = ask;
    const { id, branch } = await deploymentMeant(host, ask);
    const decision = { by, at: host.now().toISOString(), why };
    const { jobs, held } = await stopBuilds(host, { id, branch, decision, run });
    if (held === null && jobs.length === 0)
      throw new AppError('OPERATION_REFUSED', `nothing of ${project} ${branch} is being built or waits to be`);
    if (held !== null) await host.gate('the reconcile', () => host.enqueueReconcile(id));
    host.log.info({ project, deployment: id.slug, branch, jobs, held, by, why }, 'a person cancelled a build');
    return { kind: 'cancel', ...id, branch, jobs, held, ms: Math.round(performance.now() - began) };
  };
}

/** By its name or its slug; one that was never built is not on record. */
async function deploymentMeant(host: CancelHost, { project, branch: asked }: Cancel) {
  try {
    const id = await findDeployment(host.store, project, asked);
    return { id, branch: (await host.store.read(id))?.branch ?? asked };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'DEPLOYMENT_UNKNOWN') throw error;
    const branch = (await findNamed(host, project, asked)) ?? asked;
    return { id: { project, slug: slugOf(branch) }, branch };
  }
}
