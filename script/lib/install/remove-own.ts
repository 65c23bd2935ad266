import { rm, rmdir } from 'node:fs/promises';
import { type Folders, layoutOf } from '@bough/core/layout.ts';
import { namesIn } from '@bough/host/if-there.ts';

/** Removes the sockets and the lock. After this no branch can be reached, and all of it is made again by a worker. */
export async function removeRuntime(folders: Folders, configured: readonly string[]): Promise<void> {
  const { runtimeDir, lock, control, lastSweep, deployments } = layoutOf(folders);
  const projects = new Set([...configured, ...(await namesIn(deployments))]);
  await removeThese(runtimeDir, [
    lock,
    `${lock}.takeover`,
    control,
    lastSweep,
    ...[...projects].map((project) => `${runtimeDir}/${project}`),
  ]);
}

/** Removes what the worker keeps. */
export async function removeState(folders: Folders): Promise<void> {
  const { stateDir, mirrors, failures, nixCache, projects, deployments, units, bootRecords } = layoutOf(folders);
  await removeThese(stateDir, [mirrors, failures, nixCache, projects, deployments, units, bootRecords]);
}

/** The folder itself goes only when nothing of anybody else is left in it: a setting may have named the wrong one. */
async function removeThese(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
  if ((await namesIn(folder)).length === 0) await rmdir(folder).catch(() => undefined); // it was not there at all
}
