import { existsSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import type { Release } from '@bough/core/state/release.ts';
import { nullIfMissing } from '@bough/host/if-there.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import type { Installation } from '../support/installation.ts';

/** Where Nix notes the GC roots it was asked for. */
const rootsOfNix = '/nix/var/nix/gcroots/auto';

/** The kept releases whose output Nix may collect, or whose commit git may, a sentence each. */
export async function findUnheld(
  { layout, repository }: Pick<Installation, 'layout' | 'repository'>,
  store: DeploymentStore,
  branches: readonly string[],
): Promise<string[]> {
  const mirror = layout.mirror('demo');
  const pins = await repository.pinsOf(mirror);
  const roots = await Promise.all(
    (await readdir(rootsOfNix)).map(async (name) => await readlink(`${rootsOfNix}/${name}`).catch(nullIfMissing)),
  );
  /** One that no branch leads to is lost with a mirror that is made anew. */
  const isPinned = async (commit: string) => pins.includes(commit) || !(await repository.isIn(mirror, commit));
  const isRoot = async (root: string, { outPath }: Release) =>
    roots.includes(root) && (await readlink(root).catch(nullIfMissing)) === outPath && existsSync(outPath);

  const unheld: string[] = [];
  for (const slug of branches.map(slugOf)) {
    const id = { project: 'demo', slug };
    for (const release of await store.readReleases(id)) {
      const name = `release ${release.seq} of ${slug}`;
      if (!(await isRoot(layout.releaseRoot(id, release.seq), release))) unheld.push(`nothing holds ${name}`);
      if (!(await isPinned(release.commit))) unheld.push(`nothing pins ${release.commit} of ${name}`);
    }
  }
  return unheld;
}
