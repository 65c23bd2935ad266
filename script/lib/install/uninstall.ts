import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { readdir, readFile, readlink, rm, rmdir, unlink } from 'node:fs/promises';
import { type Folders, layoutOf } from '@bough/core/layout.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { stackUsers } from '@bough/core/stack/stack-host.ts';
import { buildersDropIn } from '@bough/core/stack/stack-units.ts';
import { unitGlob } from '@bough/core/unit-name.ts';
import { links, places } from './places.ts';
import { run, say } from './say.ts';

const services = ['worker', 'receiver', 'caddy', 'restore', 'redis'].map((name) => `bough-${name}.service`);
const slices = ['bough-builders.slice', 'bough-previews.slice', 'bough-production.slice', 'bough.slice'];

/** What a person wrote, and what apps and Bough keep: only a purge takes it. */
const kept = (stateDir: string) => [
  places.etc,
  stateDir,
  '/var/lib/bough-redis',
  '/var/lib/bough-caddy',
  '/var/lib/bough-tokens',
  ...['bough-receiver', 'bough-apps'].flatMap((name) => [`/var/lib/${name}`, `/var/lib/private/${name}`]),
];

/** Folders that may have been made for one file of ours, the inner ones first. */
const emptied = [
  'man/man1',
  'man/man5',
  'bash-completion/completions',
  'bash-completion',
  'zsh/site-functions',
  'zsh',
  'fish/vendor_completions.d',
  'fish',
].map((name) => `/usr/local/share/${name}`);
emptied.push('/etc/sysusers.d', '/etc/tmpfiles.d', `${places.unitDir}/${dirname(buildersDropIn)}`);

/** Takes Bough off this host and says what it leaves. May be run again, and without a configuration that can be read. */
export async function uninstall({ purge }: { purge: boolean }): Promise<void> {
  const folders = await foldersOfConfig();
  const systemctl = (...words: string[]) =>
    run(['systemctl', '--no-ask-password', ...words], { timeoutMs: 120_000, allowExitCodes: 'any' });

  say('stopping all branches and services');
  const ours = [...services, ...slices].filter((unit) => existsSync(`${places.unitDir}/${unit}`));
  await systemctl('disable', '--now', '--quiet', '--', ...services); // the worker first: it would start what is stopped
  await systemctl('stop', unitGlob);
  await rm(`${places.unitDir}/${buildersDropIn}`, { force: true });
  await systemctl('daemon-reload');
  await systemctl('try-restart', 'nix-daemon.service'); // out of our slice; what it builds goes on
  await systemctl('stop', '--', ...slices);
  await unlinkReleases(folders);
  for (const unit of ours) await rm(`${places.unitDir}/${unit}`);
  await systemctl('daemon-reload');
  await systemctl('reset-failed', 'bough-*');

  for (const link of Object.keys(links)) await removeLink(link);
  for (const path of [
    '/etc/sysusers.d/bough.conf',
    '/etc/tmpfiles.d/bough.conf',
    `${places.etc}/Caddyfile`,
    `${places.etc}/redis.conf`,
    places.home,
    folders.runtimeDir,
    ...['', 'private/'].flatMap((area) =>
      ['bough-receiver', 'bough-worker', 'bough-apps'].map((name) => `/var/cache/${area}${name}`),
    ),
  ]) {
    await rm(path, { recursive: true, force: true });
  }
  for (const folder of emptied) await rmdir(folder).catch(() => undefined); // there is more in it
  await leave(
    purge,
    kept(folders.stateDir).filter((path) => existsSync(path)),
  );
}

/** Removes the links by which systemd finds the units of releases, and nothing else in that folder. */
async function unlinkReleases(folders: Folders): Promise<void> {
  const layout = layoutOf(folders);
  for (const name of await readdir(folders.unitDir)) {
    const target = await readlink(layout.unitLink(name)).catch(() => ''); // a file, and so not ours
    if (target.startsWith(`${layout.units}/`)) await unlink(layout.unitLink(name));
  }
}

async function leave(purge: boolean, rest: readonly string[]): Promise<void> {
  const users = [stackUsers.redis, stackUsers.caddy, stackUsers.build];
  if (!purge) {
    say(`left as they are: ${rest.join(', ')}, the users ${users.join(', ')}, and what Nix has built`);
    return;
  }
  for (const path of rest) await rm(path, { recursive: true });
  for (const user of users) await run(['userdel', '--', user], { allowExitCodes: 'any' });
  await run(['groupdel', '--', stackUsers.queueGroup], { allowExitCodes: 'any' });
  say('left as it is: what Nix has built, which its next garbage collection takes');
}

async function foldersOfConfig(): Promise<Folders> {
  try {
    return parseConfig(await readFile(places.config, 'utf8'), places.config);
  } catch {
    return { stateDir: '/var/lib/bough', runtimeDir: '/run/bough', unitDir: '/run/systemd/system' };
  }
}

async function removeLink(path: string): Promise<void> {
  const target = await readlink(path).catch(() => ''); // not there, or no link and so not ours
  if (target.startsWith(`${places.home}/`)) await unlink(path);
}
