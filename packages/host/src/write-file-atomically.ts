import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hostTrouble } from './host-trouble.ts';
import { makeFolder } from './make-folder.ts';
import { syncFolder } from './sync-folder.ts';

/**
 * Writes a file whole or not at all, and so that it survives a power cut once this resolves: temporary file in the same
 * folder, fsync, rename, fsync of the folder. Makes the folder when missing.
 * @throws AppError DISK_FULL, HOST_FILES
 */
export async function writeFileAtomically(path: string, text: string, mode = 0o644): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.tmp`);
  try {
    await makeFolder(folder);
    const file = await open(temporary, 'w', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the reason is the other error
    throw hostTrouble(error, path) ?? error;
  }
}
