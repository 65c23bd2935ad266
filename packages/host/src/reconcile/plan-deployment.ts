import type { Config } from '@bough/core/config/config.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { type Crash, failsProbation, onProbation } from '@bough/core/reconcile/probation.ts';
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
  /** Whether requests are led to the target. */
  readonly isServing: boolean;
  /** The target is on probation, for `age` seconds by now, and release `fallback` can take its place. */
  readonly probation: { readonly age: number; readonly fallback: number } | null;
  /** Why the target is found unfit on its probation: it crash-loops. */
  readonly crash: Crash | null;
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
  const probation = probationOf(host, target, releases);
  return {
    deployment,
    target,
    isServing: target !== null && observed.serving === target.seq,
    probation,
    crash:
      target === null || probation === null ? null : failsProbation(target, probation.age, observed.units.values()),
    status: isReplaced
      ? null
      : statusOf(deployment, releases, target, {
          isServed: observed.serving !== null,
          isBlocked: planned.blocks.length > 0,
        }),
    isRendered: target !== settled.target,
    plan: planned,
    hostHeader: new URL(unitHost.url).host,
  };
}

/** Only where another one can serve instead; else a release is tried again and again. */
function probationOf(
  { config, now }: PlanHost,
  target: Release | null,
  releases: readonly Release[],
): PlannedDeployment['probation'] {
  if (target === null) return null;
  const age = onProbation(target, config.reconcile.probation, now());
  const fallback = releases.findLast(({ seq, verdict }) => verdict.state === 'verified' && seq < target.seq);
  return age === null || fallback === undefined ? null : { age, fallback: fallback.seq };
}

/** The release with the text of its units: rendered once, at its first reconcile, and immutable from then on. */
function withUnits(release: Release, unitHost: UnitHost): Release {
  if (release.units !== undefined) return release;
  return { ...release, units: Object.fromEntries(renderRelease(release, unitHost)) };
}
