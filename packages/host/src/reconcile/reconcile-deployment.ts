import { AppError, describeError } from '@bough/core/app-error.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import { type Crash, isOfRelease } from '@bough/core/reconcile/probation.ts';
import type { Plan } from '@bough/core/reconcile/plan.ts';
import { describeStep, type Step } from '@bough/core/reconcile/step.ts';
import { givenAnotherChance } from '@bough/core/state/given-another-chance.ts';
import { keptMessage } from '@bough/core/state/kept-message.ts';
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
 * @throws AppError of the failed release, RELEASE_BLOCKED, RECONCILE_STUCK, SYSTEMD_FAILED, HOST_START
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
        if (planned.crash !== null) {
          failed ??= await rollBack(host, planned, run, planned.crash);
          continue;
        }
        run.onPlan?.(planned.plan, planned.target);
        if (planned.plan.steps.length === 0) {
          if (failed !== null) throw failed;
          mustNotBeBlocked(planned);
          return outcomeOf(planned, applied);
        }
        const failure = await applyPlan(host, id, planned, run, applied);
        if (failure === null) continue;
        if (planned.target?.verdict.state !== 'verified') {
          failed ??= failure;
        } else if (planned.probation !== null && planned.isServing && isOfRelease(failure.code)) {
          failed ??= await rollBack(host, planned, run, failure);
        } else {
          // Nothing else is to serve instead, or may fare no better: it stays as it is and the next sweep tries again.
          throw failed ?? failure;
        }
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
    // Before it: who dies in between would leave a release that serves and is never on probation.
    const isFirst = step.kind === 'switch' && target?.switchedAt === null;
    if (isFirst) await record({ switchedAt: host.now().toISOString() });
    try {
      await applyStep(applyHost, id, target, step, run.signal);
    } catch (error) {
      if (isFirst) await record({ switchedAt: null });
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
    if (step.kind === 'prepare') await record({ prepared: true });
    if (step.kind === 'verify' && target?.verdict.state !== 'verified')
      await record({ verdict: { state: 'verified', at: host.now().toISOString() } });
  }
  return null;
}

function failedVerdict(host: ReconcileHost, { code, message }: AppError): Release['verdict'] {
  return { state: 'failed', at: host.now().toISOString(), code, message: keptMessage(message) };
}

/**
 * The verdict over a release on probation that crash-loops, or that was down and does not come up again: the last one
 * verified before it serves in its place.
 */
async function rollBack(
  host: ReconcileHost,
  { target, probation }: PlannedDeployment,
  run: ReconcileRun,
  cause: Crash | AppError,
): Promise<AppError | null> {
  if (target === null || probation === null) return null;
  const subject = `release ${target.seq} of ${target.project} ${target.branch} is rolled back to release ${probation.fallback}`;
  const error =
    cause instanceof AppError
      ? new AppError(
          'APP_CRASHED',
          `${subject}: it was down ${probation.age} s after the switch and does not come up`,
          {
            cause,
            log: cause.log,
          },
        )
      : new AppError('APP_CRASHED', `${subject}: ${cause.unit} ${cause.what}; see journalctl --unit ${cause.unit}`, {
          log: await host.systemd.journal(cause.unit, 20, new Date(target.builtAt)),
        });
  run.log(describeError(error));
  for (const line of error.log) run.log(`  ${line}`);
  await host.store.writeRelease({ ...target, verdict: failedVerdict(host, error) });
  return error;
}

/** What a person masked stays masked; but a release that cannot come up for it must not pass for one that did. */
function mustNotBeBlocked({ deployment, target, isServing, plan }: PlannedDeployment): void {
  if (plan.blocks.length === 0 || target === null || (isServing && target.verdict.state === 'verified')) return;
  throw new AppError(
    'RELEASE_BLOCKED',
    `release ${target.seq} of ${deployment.project} ${deployment.branch} is not started: ${plan.blocks.join('; ')}`,
  );
}

async function pardon(host: ReconcileHost, id: DeploymentId, run: ReconcileRun): Promise<void> {
  const deployment = await host.store.read(id);
  const desired = (await host.store.readReleases(id)).find(({ seq }) => seq === deployment?.desired);
  if (desired?.verdict.state !== 'failed') return;
  run.log(`release ${desired.seq} is verified again: a person asked`);
  await host.store.writeRelease(givenAnotherChance(desired));
}

function outcomeOf({ target, plan }: PlannedDeployment, applied: string[]): ReconcileOutcome {
  return {
    outcome: plan.drift.length > 0 ? 'drift' : 'converged',
    release: target?.seq ?? null,
    applied,
    drift: [...plan.drift],
  };
}
