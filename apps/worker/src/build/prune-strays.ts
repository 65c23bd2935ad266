import { readdir, rm } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { Mirror } from '@bough/host/git/mirror.ts';
import type { Actions } from '@bough/host/progress/actions.ts';
import { createSharedTurns } from '@bough/host/shared-turns.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';

/** What pruning needs of the host. `running` is what is being built now: its pin and its root are not strays yet. */
export interface PruneHost {
  readonly layout: Layout;
  readonly store: DeploymentStore;
  readonly mirror: Mirror;
  readonly running: () => (DeploymentId & { readonly commit: string | null }) | null;
  /** Where waiting for another pruning is noted. */
  readonly actions?: Pick<Actions, 'begin'>;
}

/** A GC root by its file's name: `7`, or what a killed Nix left beside it, `7-bin`. */
const rootName = /^\d+(-\w+)?$/;

/**
 * Removes pinned refs and GC roots of a project that no release names: a crash left them. Pins again what a release names and a
 * mirror was lost with. Gives what it did.
 * It first looks at what there is, then asks what is being built or worked on, then which releases there are: a build
 * that ends meanwhile has its release by then, and one that begins meanwhile had nothing there.
 *
 * Hundreds of branches that go at once each ask for it, and would each find the strays of all: they share one.
 */
export function createPruneStrays(host: PruneHost): (project: string) => Promise<string[]> {
  const prune = async (project: string): Promise<string[]> => {
    const { layout, store, mirror } = host;
    const pinned = await mirror.pinned(project);
    const deployments: { id: DeploymentId; names: string[] }[] = [];
    for (const id of (await store.list()).filter((known) => known.project === project)) {
      const names = await readdir(layout.releases(id)).catch(() => []);
      deployments.push({ id, names: names.filter((name) => rootName.test(name)) });
    }
    const running = host.running();

    const did: string[] = [];
    const needed = new Set<string>();
    let isComplete = true;
    for (const { id, names } of deployments) {
      const isWorkedOn = store.isLocked(id); // a rotation makes its release under the lock
      const releases = await store.readReleases(id).catch(() => null);
      if (releases === null) {
        isComplete = false; // which says the sweep itself; it must not keep another branch from being removed
        continue;
      }
      for (const { commit } of releases) needed.add(commit);
      if (isWorkedOn || (running?.project === project && running.slug === id.slug)) continue;
      const recorded = new Set(releases.map(({ seq }) => String(seq)));
      for (const name of names.filter((found) => !recorded.has(found))) {
        await rm(`${layout.releases(id)}/${name}`, { force: true });
        did.push(`removed the GC root ${project}/${id.slug}/${name} of no release`);
      }
    }
    if (!isComplete) return did; // what cannot be read may need any pin
    for (const commit of pinned.filter((found) => !needed.has(found))) {
      // Looked at again for each: a build of this very commit may have begun.
      if (running?.commit === commit || host.running()?.commit === commit) continue;
      await mirror.unpin(project, commit);
      did.push(`removed the pinned ref of ${commit.slice(0, 12)}`);
    }
    const lost = [...needed].filter((commit) => !pinned.includes(commit));
    for (const commit of await mirror.pinAgain(project, lost)) did.push(`pinned ${commit.slice(0, 12)} again`);
    return did;
  };
  return createSharedTurns(prune, host.actions, (project) => `whoever prunes ${project}`);
}
