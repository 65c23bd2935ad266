import { chmod, chown } from 'node:fs/promises';
import { makeFolder } from './make-folder.ts';

/** Makes a folder, or the one that is there, open to nobody but this user (and root), and to read to `readers`, a group. */
export async function makePrivateFolder(path: string, readers?: number): Promise<void> {
  await makeFolder(path);
  if (readers !== undefined) await chown(path, -1, readers);
  await chmod(path, readers === undefined ? 0o700 : 0o750); // the mode of mkdir(2) counts for a new one alone
}
