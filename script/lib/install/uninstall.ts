import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, rm, rmdir, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Folders, layoutOf } from '@bough/core/layout.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { stackUsers } from '@bough/core/stack/stack-host.ts';
import { parseUnitName, unitGlob } from '@bough/core/unit-name.ts';
import { namesIn, textOf } from '@bough/host/if-there.ts';
import { readBrought } from './brought.ts';
import { links, places, systemFiles } from './places.ts';
import { removeRuntime, removeState } from './remove-own.ts';
import { run, say } from './say.ts';

const services = ['worker', 'receiver', 'caddy', 'restore', 'redis'].map((name) => `bough-${name}.service`);
const slices = ['bough-builders.slice', 'bough-previews.slice', 'bough-production.slice', 'bough.slice'];

/** What a person wrote, and what apps and Bough keep: only a purge takes it. */
const kept = [
  places.etc,
  '/var/lib/bough-redis',
  '/var/lib/bough-caddy',
  '/var/lib/bough-tokens',
  ...['bough-receiver', 'bough-apps'].flatMap((name) => [`/var/lib/${name}`, `/var/lib/private/${name}`]),
];

/** Where systemd notes when a persistent timer last ran (systemd.timer(5)). */
const timers = '/var/lib/systemd/timers';

/** Where script/bootstrap has Node, pnpm and packages for checkouts, in the home of who ran it. */
const bootstrapped = ['.cache/bough', '.cache/pnpm', '.local/share/pnpm', '.npm'];

/** Where script/bootstrap notes the packages of the system it had to install for that. */
const bootstrapPackages = '.cache/bough/packages';

/** Takes Bough off this host and says what it leaves. May be run again, and without a configuration that can be read. */
export async function uninstall({ purge }: { purge: boolean }): Promise<void> {
  const { projects, ...folders } = await readConfig();
  const brought = await readBrought();
  const systemctl = (...words: string[]) =>
    run(['systemctl', '--no-ask-password', ...words], { timeoutMs: 120_000, allowExitCodes: 'any' });

  say('stopping all branches and services');
  const ours = [...services, ...slices].filter((unit) => existsSync(`${places.unitDir}/${unit}`));
  await systemctl('disable', '--now', '--quiet', '--', ...services); // the worker first: it would start what is stopped
  await systemctl('stop', unitGlob);
  for (const path of systemFiles) await rm(path, { force: true });
  await systemctl('daemon-reload');
  await systemctl('try-restart', 'nix-daemon.service'); // out of our slice; what it builds goes on
  await systemctl('stop', '--', ...slices);
  await unlinkReleases(folders);
  await forgetTimers();
  for (const unit of ours) await rm(`${places.unitDir}/${unit}`);
  await systemctl('daemon-reload');
  await systemctl('reset-failed', 'bough-*');

  for (const link of Object.keys(links)) await removeLink(link);
  await removeRuntime(folders, projects);
  for (const path of [
    `${places.etc}/Caddyfile`,
    `${places.etc}/redis.conf`,
    ...['', 'private/'].flatMap((area) =>
      ['bough-receiver', 'bough-worker', 'bough-apps'].map((name) => `/var/cache/${area}${name}`),
    ),
  ]) {
    await rm(path, { recursive: true, force: true });
  }
  // The daemon of an older Nix makes these for whoever it builds for, and again when they are missing.
  for (const area of ['profiles', 'gcroots'])
    await rmdir(`/nix/var/nix/${area}/per-user/${stackUsers.build}`).catch(() => undefined);
  if (purge) await purgeRest(folders);
  for (const folder of brought.folders.toSorted().toReversed()) await rmdir(folder).catch(() => undefined); // there is more in it
  await rm(places.home, { recursive: true, force: true }); // last, as it holds the note of the others
  const forCheckouts = (await textOf(join(homedir(), bootstrapPackages)))?.match(/\S+/g) ?? [];
  sayWhatIsLeft(purge, [folders.stateDir, ...kept].filter(existsSync), [...brought.packages, ...forCheckouts]);
}

/** Removes the links by which systemd finds the units of releases, and nothing else in that folder. */
async function unlinkReleases(folders: Folders): Promise<void> {
  const layout = layoutOf(folders);
  for (const name of await readdir(folders.unitDir)) {
    const target = await readlink(layout.unitLink(name)).catch(() => ''); // a file, and so not ours
    if (target.startsWith(`${layout.units}/`)) await unlink(layout.unitLink(name));
  }
}

/** Removes the files by which systemd knows when the timers of branches last ran. */
async function forgetTimers(): Promise<void> {
  for (const name of await namesIn(timers))
    if (parseUnitName(name.replace(/^stamp-/, '')) !== null) await rm(`${timers}/${name}`);
}

async function purgeRest(folders: Folders): Promise<void> {
  await removeState(folders);
  for (const path of kept) await rm(path, { recursive: true, force: true });
  for (const user of [stackUsers.redis, stackUsers.caddy, stackUsers.build])
    await run(['userdel', '--', user], { allowExitCodes: 'any' });
  await run(['groupdel', '--', stackUsers.queueGroup], { allowExitCodes: 'any' });
}

function sayWhatIsLeft(purged: boolean, folders: readonly string[], packages: readonly string[]): void {
  const users = [stackUsers.redis, stackUsers.caddy, stackUsers.build];
  const left = [...folders, ...(purged ? [] : [`the users ${users.join(', ')}`])];
  if (left.length > 0) say(`left as they are: ${left.join(', ')}`);
  say('left as it is: what Nix has built, which its next garbage collection takes once nothing refers to it');
  const silenced = packages.filter((name) => name === 'redis-server' || name === 'caddy');
  if (packages.length > 0) say(`left installed: ${packages.join(' ')} (apt-get purge takes them)`);
  if (silenced.length > 0) say(`left disabled, as Debian would start them: the services ${silenced.join(', ')}`);
  const caches = bootstrapped.map((name) => join(homedir(), name)).filter(existsSync);
  if (caches.length > 0) say(`left for checkouts, which script/bootstrap fills: ${caches.join(', ')}`);
}

async function readConfig(): Promise<Folders & { projects: string[] }> {
  try {
    const { stateDir, runtimeDir, unitDir, projects } = parseConfig(
      await readFile(places.config, 'utf8'),
      places.config,
    );
    return { stateDir, runtimeDir, unitDir, projects: Object.keys(projects) };
  } catch {
    return { stateDir: '/var/lib/bough', runtimeDir: '/run/bough', unitDir: '/run/systemd/system', projects: [] };
  }
}

async function removeLink(path: string): Promise<void> {
  const target = await readlink(path).catch(() => ''); // not there, or no link and so not ours
  if (target.startsWith(`${places.home}/`)) await unlink(path);
}
