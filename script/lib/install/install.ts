import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, describeError } from '@bough/core/app-error.ts';
import { installMissing } from '../demo/install.ts';
import { programPath } from '../programs.ts';
import { activate, checkConfiguration } from './activate.ts';
import { missingAbove, noteBrought } from './brought.ts';
import { placeVersion } from './place-version.ts';
import { links, places, systemFiles } from './places.ts';
import { pointLink } from './point-link.ts';
import { keepReady, lastReady, markReady } from './ready-version.ts';
import { run, say } from './say.ts';

const root = join(import.meta.dirname, '../../..');

/**
 * Makes this checkout the version that runs. What is there already is left as it is, so it may be run again, whatever it
 * was kept from doing. A version whose services do not become ready gives way to the last whose did.
 */
export async function install(): Promise<void> {
  if (!existsSync('/run/systemd/system')) throw new Error('systemd does not run this machine, and Bough lives on it');
  await noteBrought({
    packages: await installMissing('Bough', ['git', 'nix', 'redis-server', 'caddy'], programPath),
    folders: [],
  });
  const configured = existsSync(places.config);
  if (configured) await checkConfiguration();

  await noteBrought({ packages: [], folders: missingAbove([...Object.keys(links), ...systemFiles]) });
  const version = await placeVersion(root);
  const ready = await lastReady();
  await pointLink(places.current, `versions/${version}`);
  for (const [link, target] of Object.entries(links)) await pointLink(link, `${places.current}/${target}`);
  if (!configured) {
    say(`version ${version} is in place; write ${places.config} (man bough.json shows one), then run bough-install`);
    return;
  }
  try {
    await activate();
  } catch (error) {
    if (ready === null || ready === version) throw error;
    await goBack(version, ready, error);
  }
  await markReady(version);
  say(ready === version ? `version ${version} runs, as the configuration says` : `version ${version} runs`);
}

/** Puts a version back by its own installer: only that knows what its services need. */
async function goBack(version: string, ready: string, cause: unknown): Promise<never> {
  say(`version ${version} does not become ready; going back to ${ready}`);
  await pointLink(places.current, `versions/${ready}`);
  const folder = `${places.versions}/${ready}`;
  const argv = [`${folder}/node/bin/node`, `${folder}/script/lib/install/main.ts`, 'activate'] as const;
  await run(argv, { timeoutMs: 300_000, onStdoutLine: say }).catch((error: unknown) => {
    const both = `version ${version} was not ready (${describeError(cause)}), nor does ${ready} become ready again`;
    throw new AppError('STACK_NOT_READY', both, { cause: error });
  });
  await keepReady();
  throw new AppError('STACK_NOT_READY', `version ${version} was not ready; version ${ready} runs again`, { cause });
}
