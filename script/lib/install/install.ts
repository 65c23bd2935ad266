import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readlink, rm } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import { loadConfig } from '@bough/host/config/load-config.ts';
import { secretFilesOf } from '@bough/core/config/secret-files.ts';
import { readSecret } from '@bough/host/secret-file.ts';
import { installMissing } from '../demo/install.ts';
import { activate } from './activate.ts';
import { pruneVersions } from './prune-versions.ts';
import { placeVersion } from './place-version.ts';
import { links, places } from './places.ts';
import { pointLink } from './point-link.ts';
import { run, say } from './say.ts';

const root = join(import.meta.dirname, '../../..');

/**
 * Makes this checkout the version that runs. What is there already is left as it is, so it may be run again, whatever it
 * was kept from doing. A version whose services do not become ready gives way to the one before.
 */
export async function install(): Promise<void> {
  if (!existsSync('/run/systemd/system')) throw new Error('systemd does not run this machine, and Bough lives on it');
  await installMissing('Bough', ['git', 'nix', 'redis-server', 'caddy']);
  const configured = existsSync(places.config);
  // Whatever is wrong with it is told before anything changes.
  if (configured) for (const { path } of secretFilesOf(await loadConfig(places.config))) await readSecret(path);

  const version = await placeVersion(root);
  const before = await currentVersion();
  await pointLink(places.current, `versions/${version}`);
  for (const [link, target] of Object.entries(links)) await pointLink(link, `${places.current}/${target}`);
  if (!configured) {
    say(`version ${version} is in place; write ${places.config} (man bough.json shows one), then run bough-install`);
    return;
  }
  try {
    await activate();
  } catch (error) {
    if (before === null || before === version) throw error;
    await rollBack(version, before, error);
  }
  await pruneVersions([version, ...(before === null ? [] : [before])]);
  say(before === version ? `version ${version} runs, as the configuration says` : `version ${version} runs`);
}

/** Puts the version before back, by its own installer: only that knows what its services need. */
async function rollBack(version: string, before: string, cause: unknown): Promise<never> {
  say(`version ${version} does not become ready; going back to ${before}`);
  await pointLink(places.current, `versions/${before}`);
  const folder = `${places.versions}/${before}`;
  const argv = [`${folder}/node/bin/node`, `${folder}/script/lib/install/main.ts`, 'activate'] as const;
  await run(argv, { timeoutMs: 300_000, onStdoutLine: say });
  await rm(`${places.versions}/${version}`, { recursive: true, force: true });
  throw new AppError('STACK_NOT_READY', `version ${version} was not ready; version ${before} runs again`, { cause });
}

async function currentVersion(): Promise<string | null> {
  const target = await readlink(places.current).catch(() => null); // the first installation has none
  return target === null ? null : (target.split('/').at(-1) ?? null);
}
