import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a path a link to `target` in one step, as a rename does. A file of somebody else's at the path is not touched. */
export async function pointLink(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const there = await lstat(path).catch(() => null);
  if (there !== null && !there.isSymbolicLink()) throw new Error(`${path} is there and is not ours; move it away`);
  if (there !== null && (await readlink(path)) === target) return;
  await rm(`${path}.new`, { force: true });
  await symlink(target, `${path}.new`);
  await rename(`${path}.new`, path);
}
