import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from '../is-missing.ts';

/** What an ordinary user may still write where the store is, or will be: a new Nix has none yet. In bytes. */
export async function freeBytes(folder = '/nix/store'): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (!isMissing(error) || folder === '/') throw error;
    return await freeBytes(dirname(folder));
  }
}
