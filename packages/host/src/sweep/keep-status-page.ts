import { readFile } from 'node:fs/promises';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import { renderStatusPage } from '@bough/core/stack/page.ts';
import { isMissing } from '../is-missing.ts';
import { planDeployment, type PlanHost, type PlannedDeployment } from '../reconcile/plan-deployment.ts';
import { writeStatusPage } from '../reconcile/write-status-page.ts';

/**
 * Mends the status page of a deployment that needs nothing else: a reboot takes them all, and one that does not run would
 * be unknown without. Returns what was done, as a sentence; `null` where it was right.
 */
export async function keepStatusPage(
  host: PlanHost,
  id: DeploymentId,
  planned: PlannedDeployment,
): Promise<string | null> {
  if (await isRight(host, id, planned)) return null;
  return await host.store.withLock(id, async () => {
    const now = await planDeployment(host, id); // a reconcile may have come first
    if (now === null || (await isRight(host, id, now))) return null;
    await writeStatusPage(host.layout, id, now.status);
    return `the status page of ${deploymentKey(id)} is ${now.status === null ? 'removed' : 'written anew'}`;
  });
}

async function isRight(
  { layout }: PlanHost,
  id: DeploymentId,
  { deployment, status, plan }: PlannedDeployment,
): Promise<boolean> {
  if (plan.steps.length > 0 || !deployment.present) return true; // the next reconcile's
  return (await textOf(layout.statusPage(id))) === (status === null ? null : renderStatusPage(status));
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
