import type { HeadRecord } from '@bough/core/state/deployment.ts';
import { changeDeployment } from '@bough/host/state/project-store.ts';
import type { BuildHost, DeploymentRun } from './build-host.ts';

/** Records what became of the head. A push brings back a deployment that had expired. */
export async function recordHead(host: BuildHost, { id, job, run }: DeploymentRun, head: HeadRecord): Promise<void> {
  const { expired } = await host.store.withLock(id, async () => {
    run.signal.throwIfAborted(); // a branch found gone meanwhile must not come back
    return await changeDeployment(host, id, job.branch, (deployment) => ({
      ...deployment,
      present: true,
      head,
      expired: null,
    }));
  });
  if (expired === null) return;
  run.log('it had expired: the push brings back what served before');
  await host.enqueueReconcile(id);
}
