import { branchAddress } from '@bough/core/branch-address.ts';
import type { Config } from '@bough/core/config/config.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { blocksOf } from '@bough/core/reconcile/drift.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import { summarise, type Summary } from '@bough/core/status/summarise.ts';
import { parseUnitName, unitGlob, unitNamesOf } from '@bough/core/unit-name.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import { servingRelease, servingSince } from '../state/serving.ts';
import type { Systemd } from '../systemd/systemd.ts';
import { createUnitFiles } from '../systemd/unit-files.ts';

/** What looking at deployments needs of the host. */
export interface StatusHost {
  readonly config: Config;
  readonly layout: Layout;
  readonly store: DeploymentStore;
  readonly systemd: Systemd;
}

/** A deployment as it is now, and what is recorded of it. `url`: `null` where its project is no longer configured. */
export interface Glance {
  readonly summary: Summary;
  readonly url: string | null;
  readonly deployment: Deployment;
  readonly releases: readonly Release[];
}

/** Two questions to systemd, however many deployments there are. */
export async function lookAtDeployments(
  { config, layout, store, systemd }: StatusHost,
  ids: readonly DeploymentId[],
): Promise<Glance[]> {
  const unitFiles = createUnitFiles(layout);
  const recorded = [];
  for (const id of ids) {
    const deployment = await store.read(id);
    if (deployment === null) continue; // removed at this moment
    const releases = await store.readReleases(id);
    const serving = await servingRelease(layout, id);
    const since = await servingSince(layout, id);
    const toStart = releases.find(({ seq }) => seq === deployment.desired && seq !== serving);
    recorded.push({
      id,
      deployment,
      releases,
      serving,
      since,
      toStart: toStart === undefined ? [] : unitNamesOf(toStart),
    });
  }
  // systemd lists no unit that is masked and was never started: what is to be started is asked for by name.
  const wanted = new Set(recorded.map(({ id }) => deploymentKey(id)));
  const listed = (await systemd.list(unitGlob)).filter((name) => wanted.has(keyOf(name)));
  const units = await systemd.show([...new Set([...listed, ...recorded.flatMap(({ toStart }) => toStart)])]);
  const byKey = Map.groupBy(units, ({ name }) => keyOf(name));
  const glances: Glance[] = [];
  for (const { id, deployment, releases, serving, since, toStart } of recorded) {
    const own = byKey.get(deploymentKey(id)) ?? [];
    const project = config.projects[id.project];
    const blocks: string[] = [];
    for (const unit of own.filter(({ name }) => toStart.includes(name)))
      blocks.push(...blocksOf({ ...unit, link: await unitFiles.link(unit.name) }));
    glances.push({
      deployment,
      releases,
      summary: summarise({
        deployment,
        releases,
        units: new Map(own.filter(({ load }) => load !== 'not-found').map((unit) => [unit.name, unit])),
        serving,
        servingSince: since,
        blocks,
      }),
      url:
        project === undefined
          ? null
          : `${branchAddress(project, id.slug, deployment.branch === project.production).url}/`,
    });
  }
  return glances;
}

/** The deployment a unit is of; empty for a unit that is not ours. */
function keyOf(unit: string): string {
  const parts = parseUnitName(unit);
  return parts === null ? '' : deploymentKey(parts);
}
