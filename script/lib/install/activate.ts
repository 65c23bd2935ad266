import { readFile } from 'node:fs/promises';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { activateStack } from '@bough/host/stack/activate-stack.ts';
import { installedHost, places } from './places.ts';
import { run, say } from './say.ts';

/** Makes the services run as the configuration and the version this file belongs to say. */
export async function activate(): Promise<void> {
  const config = await readFile(places.config, 'utf8');
  const { stateDir } = parseConfig(config, places.config);
  await activateStack({ config, host: installedHost(stateDir), unitDir: places.unitDir, run, say });
}
