import { AppError, describeError } from '@bough/core/app-error.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import type { Plan } from '@bough/core/reconcile/plan.ts';
import { describeStep, type Step } from '@bough/core/reconcile/step.ts';
import type { Release } from '@bough/core/state/release.ts';
import { applyStep, type ApplyHost } from './apply-step.ts';
import { writeStatusPage } from './write-status-page.ts';
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
  /** Told of every plan before it is carried out, and of the release it brings up. */
  readonly onPlan?: (plan: Plan, target: Release | null) => void;
  /** Told of every step once it is done. */
  readonly onStep?: (step: Step) => void;
  /** Another settle time than the host's. */
  readonly settleMs?: number;
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
        if (planned.deployment.present) await writeStatusPage(host.layout, id, planned.status);
        if (planned.crash !== null && planned.target !== null) {
          failed ??= await rollBack(host, planned.target, planned.crash, run);
          continue;
        }
        run.onPlan?.(planned.plan, planned.target);
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
  const applyHost: ApplyHost = {
    ...host,
    hostHeader: planned.hostHeader,
    settleMs: run.settleMs ?? host.settleMs,
  };
  let target = planned.target;
  const record = async (changes: Partial<Release>): Promise<void> => {
    if (target === null) return;
    target = { ...target, ...changes };
    await host.store.writeRelease(target);
  };
  if (planned.isRendered) await record({});
  for (const step of planned.plan.steps) {
    run.signal.throwIfAborted();
    try {
      await applyStep(applyHost, id, target, step, run.signal);
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('APP_') || target === null) throw error;
      run.log(`failed: ${describeStep(step)}: ${describeError(error)}`);
      for (const line of error.log) run.log(`  ${line}`);
      // A release that once was verified keeps that verdict: it is tried again by the next sweep, not given up.
      if (target.verdict.state !== 'verified') await record({ verdict: failedVerdict(host, error) });
      return error;
    }
    const sentence = describeStep(step);
    run.log(sentence);
    applied.push(sentence);
    run.onStep?.(step);
    const at = host.now().toISOString();
    if (step.kind === 'prepare') await record({ prepared: true });
    if (step.kind === 'verify' && target?.verdict.state !== 'verified')
      await record({ verdict: { state: 'verified', at } });
    if (step.kind === 'switch' && target?.switchedAt === null) await record({ switchedAt: at });
  }
  return null;
}

function failedVerdict(host: ReconcileHost, { code, message }: AppError): Release['verdict'] {
  return { state: 'failed', at: host.now().toISOString(), code, message };
}

/** The verdict over a release that crash-loops in its probation: the last one verified before it serves again. */
async function rollBack(host: ReconcileHost, release: Release, crash: string, run: ReconcileRun): Promise<AppError> {
  const error = new AppError(
    'APP_CRASHED',
    `release ${release.seq} of ${release.project} ${release.branch} is rolled back: ${crash}`,
  );
  run.log(describeError(error));
  await host.store.writeRelease({ ...release, verdict: failedVerdict(host, error) });
  return error;
}

async function pardon(host: ReconcileHost, id: DeploymentId, run: ReconcileRun): Promise<void> {
  const deployment = await host.store.read(id);
  const desired = (await host.store.readReleases(id)).find(({ seq }) => seq === deployment?.desired);
  if (desired?.verdict.state !== 'failed') return;
  run.log(`release ${desired.seq} is verified again: a person asked`);
  await host.store.writeRelease({ ...desired, verdict: { state: 'pending' }, prepared: false, switchedAt: null });
}

function outcomeOf({ target, plan }: PlannedDeployment, applied: string[]): ReconcileOutcome {
  return {
    outcome: plan.drift.length > 0 ? 'drift' : 'converged',
    release: target?.seq ?? null,
    applied,
    drift: [...plan.drift],
  };
}
