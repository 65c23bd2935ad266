import { readdir, rm } from 'node:fs/promises';
import type { Layout } from '@bough/core/layout.ts';
import type { DeploymentStore } from './deployment-store.ts';

/** How `writeFileAtomically` names a file before it is whole. */
const unfinished = /^\..+\.tmp$/;

/**
 * Removes what writers that were killed have left half-written. Right only while this process is the one writer, before
 * it writes anything itself. Gives the paths.
 */
export async function removeUnfinished(layout: Layout, store: DeploymentStore): Promise<string[]> {
  const folders = [layout.units, layout.bootRecords, layout.failures, layout.projects];
  for (const id of await store.list()) folders.push(layout.deployment(id), layout.releases(id));
  const removed: string[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []); // not there, or not to be read: then it is not to be mended here
    for (const name of names.filter((found) => unfinished.test(found))) {
      await rm(`${folder}/${name}`, { force: true });
      removed.push(`${folder}/${name}`);
    }
  }
  return removed;
}
