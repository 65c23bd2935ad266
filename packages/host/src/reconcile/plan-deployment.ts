import type { Config } from '@bough/core/config/config.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { failsProbation } from '@bough/core/reconcile/probation.ts';
import { type Plan, plan } from '@bough/core/reconcile/plan.ts';
import { statusOf } from '@bough/core/reconcile/status-of.ts';
import type { BranchStatus } from '@bough/core/stack/page.ts';
import { settle } from '@bough/core/reconcile/settle.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import { renderRelease } from '@bough/core/systemd/render-release.ts';
import type { UnitHost } from '@bough/core/systemd/unit-host.ts';
import { observe, type ObserveHost } from './observe.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import { unitsNow, type UnitsView } from './units-view.ts';

/** What planning needs of the host. */
export interface PlanHost extends ObserveHost {
  readonly config: Config;
  readonly store: DeploymentStore;
  readonly now: () => Date;
  /** What rendering units of a deployment needs. */
  readonly unitHost: (id: DeploymentId, branch: string) => UnitHost;
}

/** A deployment with what is to be done about it now. */
export interface PlannedDeployment {
  readonly deployment: Deployment;
  /** With the text of its units; `isRendered`: for the first time, so they are not on record yet. */
  readonly target: Release | null;
  readonly isRendered: boolean;
  /** Why the target is found unfit although it was verified: it crash-loops in its probation. */
  readonly crash: string | null;
  /** What visitors are told while it does not answer. */
  readonly status: BranchStatus | null;
  readonly plan: Plan;
  readonly hostHeader: string;
}

/**
 * Reads desired and observed state afresh and plans; changes nothing. `null`: nothing is recorded and nothing is there.
 * With a `view` of before, the units are taken as they were then.
 */
export async function planDeployment(
  host: PlanHost,
  id: DeploymentId,
  view: UnitsView = unitsNow(host),
): Promise<PlannedDeployment | null> {
  const deployment = await host.store.read(id);
  if (deployment === null) return null;
  const releases = await host.store.readReleases(id);
  const settled = settle(deployment, releases, host.config.reconcile.keepReleases);
  const unitHost = host.unitHost(id, deployment.branch);
  const target = settled.target === null ? null : withUnits(settled.target, unitHost);
  const units = new Map(Object.entries(target?.units ?? {}));
  const observed = await observe(host, id, releases, units.keys(), view);
  const planned = plan({ ...settled, target, units, present: deployment.present, branch: deployment.branch }, observed);
  // A page would turn visitors away who are to wait.
  const isReplaced = planned.steps.some(({ kind }) => kind === 'finish');
  const older = releases.some(({ seq, verdict }) => verdict.state === 'verified' && seq < (target?.seq ?? 0));
  return {
    deployment,
    target,
    // Only where another one can serve instead; else it is tried again and again.
    crash:
      target === null || !older
        ? null
        : failsProbation(target, observed.units.values(), host.config.reconcile.probation, host.now()),
    status: isReplaced ? null : statusOf(deployment, releases, target, observed.serving !== null),
    isRendered: target !== settled.target,
    plan: planned,
    hostHeader: new URL(unitHost.url).host,
  };
}

/** The release with the text of its units: rendered once, at its first reconcile, and immutable from then on. */
function withUnits(release: Release, unitHost: UnitHost): Release {
  if (release.units !== undefined) return release;
  return { ...release, units: Object.fromEntries(renderRelease(release, unitHost)) };
}
