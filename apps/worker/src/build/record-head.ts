import type { HeadRecord } from '@bough/core/state/deployment.ts';
import { changeDeployment } from '@bough/host/state/project-store.ts';
import type { BuildHost, DeploymentRun } from './build-host.ts';
import { stillExpired } from './still-expired.ts';

/** Records what became of the head. A push brings back a deployment that had expired; see `stillExpired`. */
export async function recordHead(host: BuildHost, on: DeploymentRun, head: HeadRecord): Promise<void> {
  const { id, job, run } = on;
  const before = await host.store.withLock(id, async () => {
    run.signal.throwIfAborted(); // a branch found gone meanwhile must not come back
    return await changeDeployment(host, id, job.branch, (deployment) => ({
      ...deployment,
      present: true,
      head,
      expired: stillExpired(deployment, on.expired),
    }));
  });
  if (before.expired === null) return;
  const kept = stillExpired(before, on.expired);
  if (kept !== null) return run.log(`it stays down: ${kept.why}`);
  run.log('it had expired: the push brings back what served before');
  await host.enqueueReconcile(id);
}
