import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { DeploymentStore } from './deployment-store.ts';

/** Records what `change` makes of the list of branches that have the slug of the one deployed under it. */
export async function noteRivals(
  store: DeploymentStore,
  id: DeploymentId,
  change: (before: Deployment['rivals']) => readonly string[],
): Promise<void> {
  await store.withLock(id, async () => {
    const holder = await store.read(id);
    if (holder?.present !== true) return;
    await store.write({ ...holder, rivals: change(holder.rivals).filter((branch) => branch !== holder.branch) });
  });
}
