import { stat } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import { run } from './say.ts';

/** Lets everybody read a file, or a folder with all that is in it, whatever modes a strict umask has left: `chmod -R a+rX`. */
export async function openToRead(path: string): Promise<void> {
  await run(['chmod', '--recursive', 'a+rX', '--', path]);
}

/**
 * The services have users of their own and read what is in the folder of the configuration. It is not opened for them: a secret
 * file in it may be secret for nothing but that folder.
 * @throws AppError HOST_FILES where nobody but root can enter it
 */
export async function assertEntered(folder: string): Promise<void> {
  const found = await stat(folder);
  if ((found.mode & 0o001) !== 0 || (found.gid !== 0 && (found.mode & 0o010) !== 0)) return;
  throw new AppError(
    'HOST_FILES',
    `${folder} is for root alone, and the services read their configuration in it as users of their own. See that each secret file in it has mode 600, then: chmod a+x ${folder}`,
  );
}
