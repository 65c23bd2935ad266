import type { Config } from '@bough/core/config/config.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { type Plan, plan } from '@bough/core/reconcile/plan.ts';
import { settle } from '@bough/core/reconcile/settle.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import { renderRelease } from '@bough/core/systemd/render-release.ts';
import type { UnitHost } from '@bough/core/systemd/unit-host.ts';
import { observe, type ObserveHost } from '@bough/host/reconcile/observe.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';

/** What planning needs of the host. */
export interface PlanHost extends ObserveHost {
  readonly config: Config;
  readonly store: DeploymentStore;
  /** What rendering units of a deployment needs. */
  readonly unitHost: (id: DeploymentId) => UnitHost;
}

/** A deployment with what is to be done about it now. */
export interface PlannedDeployment {
  readonly deployment: Deployment;
  /** With the text of its units; `isRendered`: for the first time, so they are not on record yet. */
  readonly target: Release | null;
  readonly isRendered: boolean;
  readonly plan: Plan;
  readonly hostHeader: string;
}

/** Reads desired and observed state afresh and plans; changes nothing. `null`: nothing is recorded and nothing is there. */
export async function planDeployment(host: PlanHost, id: DeploymentId): Promise<PlannedDeployment | null> {
  const deployment = await host.store.read(id);
  if (deployment === null) return null;
  const releases = await host.store.readReleases(id);
  const settled = settle(deployment, releases, host.config.reconcile.keepReleases);
  const target = settled.target === null ? null : withUnits(settled.target, host.unitHost(id));
  const units = new Map(Object.entries(target?.units ?? {}));
  const observed = await observe(host, id, releases, units.keys());
  const url = host.config.projects[id.project]?.url;
  return {
    deployment,
    target,
    isRendered: target !== settled.target,
    plan: plan({ ...settled, target, units, present: deployment.present, branch: deployment.branch }, observed),
    hostHeader: url === undefined ? 'localhost' : new URL(url).host,
  };
}

/** The release with the text of its units: rendered once, at its first reconcile, and immutable from then on. */
function withUnits(release: Release, unitHost: UnitHost): Release {
  if (release.units !== undefined) return release;
  return { ...release, units: Object.fromEntries(renderRelease(release, unitHost)) };
}
