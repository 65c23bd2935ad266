import { readFile } from 'node:fs/promises';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import { bootRecordOf, renderBootRecord } from '@bough/core/state/boot-record.ts';
import { isMissing } from '../is-missing.ts';
import { planDeployment, type PlanHost, type PlannedDeployment } from '../reconcile/plan-deployment.ts';
import { removeBootRecord, writeBootRecord } from '../state/boot-record.ts';

/**
 * Mends the boot record of a deployment that needs nothing else: one that was lost, edited, or made by an earlier Bough.
 * Returns what was done, as a sentence; `null` where it was right.
 */
export async function keepBootRecord(
  host: PlanHost,
  id: DeploymentId,
  planned: PlannedDeployment,
): Promise<string | null> {
  if (await isRight(host, id, planned)) return null;
  return await host.store.withLock(id, async () => {
    const now = await planDeployment(host, id); // a reconcile may have come first
    if (now === null || (await isRight(host, id, now))) return null;
    if (now.target === null) await removeBootRecord(host.layout, id);
    else await writeBootRecord(host.layout, now.target, now.deployment.asleep !== null);
    return `the boot record of ${deploymentKey(id)} is ${now.target === null ? 'removed' : 'written anew'}`;
  });
}

async function isRight(
  host: PlanHost,
  id: DeploymentId,
  { deployment, target, plan }: PlannedDeployment,
): Promise<boolean> {
  // What differs still is the next reconcile's; without a target something else may go on serving.
  if (plan.steps.length > 0 || plan.drift.length > 0) return true;
  if (target === null && deployment.suspended === null && deployment.expired === null) return true;
  const record = target === null ? null : bootRecordOf(target, deployment.asleep !== null);
  if (target !== null && record === null) return true;
  return (await textOf(host.layout.bootRecord(id))) === (record === null ? null : renderBootRecord(record));
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
