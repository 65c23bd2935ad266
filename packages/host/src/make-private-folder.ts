import { chmod, mkdir } from 'node:fs/promises';

/** Makes a folder, or the one that is there, open to nobody but this user (and root). */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o700); // the mode of mkdir(2) counts for a new one alone
}
