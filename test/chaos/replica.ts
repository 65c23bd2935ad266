import { copyFile, mkdir, rm, symlink } from 'node:fs/promises';

/** Where Bough reads the forge's repository. */
export const replica = '/srv/bough-test-replica.git';

/**
 * Makes a second way to the forge's repository, for Bough alone: it can be lost, slow or behind while the run pushes on. It has a
 * HEAD of its own, and all else by links.
 */
export async function makeReplica(remote: string): Promise<void> {
  await removeReplica();
  await mkdir(replica);
  for (const name of ['objects', 'refs', 'config', 'packed-refs'])
    await symlink(`${remote}/${name}`, `${replica}/${name}`);
  await copyFile(`${remote}/HEAD`, `${replica}/HEAD`);
}

export async function removeReplica(): Promise<void> {
  for (const path of [replica, `${replica}.lost`]) await rm(path, { recursive: true, force: true });
}
