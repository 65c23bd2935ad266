import { AppError } from '@bough/core/app-error.ts';
import { whyExcluded } from '@bough/core/branch-patterns.ts';
import type { Project } from '@bough/core/config/project.ts';
import { existsSync } from 'node:fs';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import { compareRefs, type RefFinding } from '@bough/core/reconcile/compare-refs.ts';
import { type Deployment, newDeployment } from '@bough/core/state/deployment.ts';
import type { Guarded, SweepHost } from './sweep-host.ts';

/**
 * Asks the forge for the branches of a project and compares them with what is recorded. `ids` are the deployments known.
 * @throws AppError SOURCE_FETCH and its like, also for a remote that has no branch at all
 */
export async function compareProject(
  host: SweepHost,
  project: string,
  settings: Project,
  ids: readonly DeploymentId[],
  guarded: Guarded,
  signal: AbortSignal,
): Promise<RefFinding[]> {
  const heads = await host.lsRemote(settings.remote, signal);
  if (heads.size === 0 && ids.length > 0) {
    // An emptied or mistaken remote looks like this; taking every branch down for it would be the worse error.
    throw new AppError('SOURCE_FETCH', `${project} has no branch at its remote: its deployments are left as they are`);
  }
  const headsBySlug = Map.groupBy(heads.keys(), host.slugOf);
  const unreadable = new Set<string>();
  const deployments: Deployment[] = [];
  const releases = new Map<string, Set<number>>();
  for (const id of ids) {
    unreadable.add(id.slug);
    await guarded(`records of ${deploymentKey(id)}`, async () => {
      const recorded = await host.store.read(id);
      const standing = (await host.store.readReleases(id)).filter(({ outPath }) => existsSync(outPath));
      releases.set(id.slug, new Set(standing.map(({ seq }) => seq)));
      const branches = headsBySlug.get(id.slug) ?? [];
      // A branch to be deployed is built and recorded anew; any other goes, under the only name left of it.
      const isBuilt = branches.some((branch) => whyExcluded(settings, branch) === null);
      const deployment = recorded ?? (isBuilt ? null : newDeployment(id, branches[0] ?? id.slug));
      if (deployment !== null) deployments.push(deployment);
      unreadable.delete(id.slug);
    });
  }
  // Nothing can be said of a branch whose record cannot be read: a build of it would fail for the same reason.
  const known = new Map([...heads].filter(([branch]) => !unreadable.has(host.slugOf(branch))));
  return compareRefs(known, deployments, releases, settings, host.slugOf);
}
