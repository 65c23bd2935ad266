import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../is-missing.ts';

/** What a folder takes on disk, with all that is in it, in bytes; 0 where there is none. What vanishes meanwhile counts 0. */
export async function folderBytes(path: string): Promise<number> {
  let sum = 0;
  try {
    for (const entry of await readdir(path, { recursive: true })) sum += await bytesOf(join(path, entry));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return sum;
}

async function bytesOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).blocks * 512; // stat(2): of 512 bytes, whatever the file system's
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
