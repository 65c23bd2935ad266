import type { Operation } from '@bough/core/control/operation.ts';
import type { ProjectOperation, ProjectResult } from '@bough/core/control/project-operation.ts';
import { openHost } from '@bough/host/open-host.ts';
import { createOperate, type Operated } from '@bough/host/operate/operate.ts';
import { operateProject } from '@bough/host/operate/operate-project.ts';
import { createReconcileDeployment } from '@bough/host/reconcile/reconcile-deployment.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { releaseWorkerLock } from '@bough/host/worker-lock.ts';
import type { Cli } from './command.ts';

/** Carries an operation out in this process, which holds the worker lock by `fd`; it lets go of that once all of it is done. */
export async function operateHere(cli: Cli, fd: number, operation: Operation): Promise<Operated> {
  const { config, log, environment, signal } = cli;
  try {
    const host = await openHost({ config, run: createRunCommand({ lockFd: fd, log, environment }), log });
    const reconcile = createReconcileDeployment({
      ...host,
      // What else git keeps of it the next sweep removes.
      forgetBranch: async (id, branch) => await host.mirror.forgetHead(id.project, branch),
    });
    const operate = createOperate({ ...host, reconcile, interrupt: () => undefined, commitInHand: () => null, log });
    const { result, finished } = await operate(operation, { asker: signal, stop: signal });
    return { result, finished: finished.finally(() => releaseWorkerLock(fd)) };
  } catch (error) {
    releaseWorkerLock(fd);
    throw error;
  }
}

/** The same for what is asked of a project. */
export async function operateProjectHere(cli: Cli, fd: number, operation: ProjectOperation): Promise<ProjectResult> {
  try {
    return await operateProject({ ...cli, now: () => new Date() }, operation);
  } finally {
    releaseWorkerLock(fd);
  }
}
