import { readFile } from 'node:fs/promises';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { secretFilesOf } from '@bough/core/config/secret-files.ts';
import { readSecret } from '@bough/host/secret-file.ts';
import { activateStack } from '@bough/host/stack/activate-stack.ts';
import { renderStack } from '@bough/host/stack/write-stack.ts';
import { assertEntered, openToRead } from './open-to-read.ts';
import { installedHost, places } from './places.ts';
import { run, say } from './say.ts';

/**
 * Whatever is wrong with the configuration is told here, and nothing is changed.
 * @throws AppError CONFIG_INVALID, SECRET_UNREADABLE, HOST_FILES
 */
export async function checkConfiguration(): Promise<void> {
  for (const { path } of secretFilesOf(renderStack(await stackOf()).config)) await readSecret(path);
  await assertEntered(places.etc);
}

/** Makes the services run as the configuration and the version this file belongs to say. */
export async function activate(): Promise<void> {
  await openToRead(places.config); // it holds no secret, and may have been written under a strict umask
  await activateStack({ ...(await stackOf()), run, say });
}

async function stackOf() {
  const config = await readFile(places.config, 'utf8');
  const { stateDir } = parseConfig(config, places.config);
  return { config, host: installedHost(stateDir), unitDir: places.unitDir };
}
