import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import { describeStep } from '@bough/core/reconcile/step.ts';
import { planDeployment, type PlannedDeployment } from '../reconcile/plan-deployment.ts';
import type { UnitsView } from '../reconcile/units-view.ts';
import type { SweepHost } from './sweep-host.ts';

/** Enqueues a reconcile when a deployment differs from what it should be. One that is being worked on is left to that. */
export async function lookAt(
  host: SweepHost,
  id: DeploymentId,
  view: UnitsView,
  found: (line: string) => void,
): Promise<void> {
  if (host.store.isLocked(id)) return;
  const glimpsed = await planDeployment(host, id, view);
  // The view is of the sweep's beginning: what seems to differ by it is looked at again, as it is now.
  const planned = differs(glimpsed) ? await planDeployment(host, id) : glimpsed;
  const plan = planned?.plan ?? { steps: [], drift: [], blocks: [] };
  host.onPlan?.(id, plan);
  const { steps, drift } = plan;
  for (const line of drift) found(`drift: ${line}`);
  const crash = planned?.crash ?? null;
  if (steps.length === 0 && crash === null) {
    const mended = planned === null ? null : ((await host.mend?.(id, planned)) ?? null);
    if (mended !== null) found(mended);
    return;
  }
  if (host.store.isLocked(id)) return; // it was begun with meanwhile
  await host.enqueueReconcile(id, { urgent: crash !== null });
  found(
    `reconcile ${deploymentKey(id)}: ${crash === null ? steps.map(describeStep).join('; ') : `${crash.unit} ${crash.what}`}`,
  );
}

function differs(planned: PlannedDeployment | null): boolean {
  return planned !== null && (planned.crash !== null || planned.plan.steps.length > 0 || planned.plan.drift.length > 0);
}
