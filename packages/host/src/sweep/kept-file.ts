import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { textOf } from '../if-there.ts';
import { planDeployment, type PlanHost, type PlannedDeployment } from '../reconcile/plan-deployment.ts';

/** A file of a deployment that a sweep keeps right where nothing else is to be done. */
export interface KeptFile {
  /** As a sentence names it: `boot record`. */
  readonly name: string;
  readonly path: (layout: Layout, id: DeploymentId) => string;
  /** What it is to hold: `null` for no file, `'any'` while that is not for a sweep to say. */
  readonly wanted: (planned: PlannedDeployment) => { readonly text: string } | null | 'any';
  readonly write: (layout: Layout, id: DeploymentId, planned: PlannedDeployment) => Promise<unknown>;
}

/** Mends the file where it is not as wanted. Returns what was done, as a sentence; `null` where it was right. */
export async function mendFile(
  file: KeptFile,
  host: PlanHost,
  id: DeploymentId,
  planned: PlannedDeployment,
): Promise<string | null> {
  if (await isRight(file, host, id, planned)) return null;
  return await host.store.withLock(id, async () => {
    const now = await planDeployment(host, id); // a reconcile may have come first
    if (now === null || (await isRight(file, host, id, now))) return null;
    await file.write(host.layout, id, now);
    return `the ${file.name} of ${deploymentKey(id)} is ${file.wanted(now) === null ? 'removed' : 'written anew'}`;
  });
}

async function isRight(
  file: KeptFile,
  { layout }: PlanHost,
  id: DeploymentId,
  planned: PlannedDeployment,
): Promise<boolean> {
  const wanted = file.wanted(planned);
  return wanted === 'any' || (await textOf(file.path(layout, id))) === (wanted?.text ?? null);
}
