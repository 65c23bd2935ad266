import { AppError, describeError } from '@bough/core/app-error.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import { describeStep } from '@bough/core/reconcile/step.ts';
import type { Release } from '@bough/core/state/release.ts';
import { applyStep, type ApplyHost } from '@bough/host/reconcile/apply-step.ts';
import { planDeployment, type PlanHost, type PlannedDeployment } from './plan-deployment.ts';

/** What reconciling needs of the host. */
export interface ReconcileHost extends PlanHost, Omit<ApplyHost, 'hostHeader'> {
  readonly now: () => Date;
}

/** How one run is asked for. `again`: a person pressed retry, so a failed verdict is given another chance. */
export interface ReconcileRun {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly again: boolean;
}

// One round brings up, one may fall back after a failed verdict, one cleans up, one finds nothing left to do.
const maxRounds = 5;

/**
 * Reconciles one deployment: observe, plan, apply, until the plan is empty. A release that is not fit to serve gets its
 * verdict, the one before it goes on serving, and the job fails with the reason once the rest is in order.
 * @throws AppError of the failed release, RECONCILE_STUCK, SYSTEMD_FAILED
 */
export function createReconcileDeployment(host: ReconcileHost) {
  return async (id: DeploymentId, run: ReconcileRun): Promise<ReconcileOutcome> =>
    await host.store.withLock(id, async () => {
      if (run.again) await pardon(host, id, run);
      const applied: string[] = [];
      let failed: AppError | null = null;
      for (let round = 0; round < maxRounds; round++) {
        const planned = await planDeployment(host, id);
        if (planned === null) return { outcome: 'removed', release: null, applied, drift: [] };
        if (planned.plan.steps.length === 0) {
          if (failed !== null) throw failed;
          return outcomeOf(planned, applied);
        }
        const failure = await applyPlan(host, id, planned, run, applied);
        if (failure === null) continue;
        failed ??= failure;
        // Nothing else can serve instead: it stays as it is and the next sweep tries again.
        if (planned.target?.verdict.state === 'verified') throw failure;
      }
      throw (
        failed ??
        new AppError(
          'RECONCILE_STUCK',
          `${deploymentKey(id)} still differs after ${maxRounds} rounds; last: ${applied.slice(-5).join('; ')}`,
        )
      );
    });
}

/** Carries out a plan. Returns the failure of the release it brings up, after recording the verdict; other errors are thrown. */
async function applyPlan(
  host: ReconcileHost,
  id: DeploymentId,
  planned: PlannedDeployment,
  run: ReconcileRun,
  applied: string[],
): Promise<AppError | null> {
  const applyHost: ApplyHost = { ...host, hostHeader: planned.hostHeader };
  if (planned.isRendered && planned.target !== null) await host.store.writeRelease(planned.target);
  for (const step of planned.plan.steps) {
    run.signal.throwIfAborted();
    try {
      await applyStep(applyHost, id, planned.target, step, run.signal);
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('APP_') || planned.target === null) throw error;
      run.log(`failed: ${describeStep(step)}: ${describeError(error)}`);
      for (const line of error.log) run.log(`  ${line}`);
      await recordFailure(host, planned.target, error);
      return error;
    }
    const sentence = describeStep(step);
    run.log(sentence);
    applied.push(sentence);
    if (step.kind === 'verify' && planned.target !== null) await recordVerified(host, planned.target);
  }
  return null;
}

/** A release that once was verified keeps that verdict: it is tried again by the next sweep, not given up. */
async function recordFailure(host: ReconcileHost, release: Release, error: AppError): Promise<void> {
  if (release.verdict.state === 'verified') return;
  await host.store.writeRelease({
    ...release,
    verdict: { state: 'failed', at: host.now().toISOString(), code: error.code, message: error.message },
  });
}

async function recordVerified(host: ReconcileHost, release: Release): Promise<void> {
  if (release.verdict.state === 'verified') return;
  await host.store.writeRelease({ ...release, verdict: { state: 'verified', at: host.now().toISOString() } });
}

async function pardon(host: ReconcileHost, id: DeploymentId, run: ReconcileRun): Promise<void> {
  const deployment = await host.store.read(id);
  const desired = (await host.store.readReleases(id)).find(({ seq }) => seq === deployment?.desired);
  if (desired?.verdict.state !== 'failed') return;
  run.log(`release ${desired.seq} is verified again: a person asked`);
  await host.store.writeRelease({ ...desired, verdict: { state: 'pending' } });
}

function outcomeOf({ target, plan }: PlannedDeployment, applied: string[]): ReconcileOutcome {
  return {
    outcome: plan.drift.length > 0 ? 'drift' : 'converged',
    release: target?.seq ?? null,
    applied,
    drift: [...plan.drift],
  };
}
