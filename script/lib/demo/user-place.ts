import { existsSync } from 'node:fs';
import { mkdir, readdir, readlink, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { programFile, programPath } from '../programs.ts';
import { installMissing } from './install.ts';
import { type Place, run } from './place.ts';
import { DemoError, say } from './say.ts';
import { tryNix } from './try-nix.ts';

const stack = [
  'bough-worker.service',
  'bough-receiver.service',
  'bough-caddy.service',
  'bough-restore.service',
  'bough-redis.service',
  'bough-previews.slice',
  'bough-production.slice',
];

/** Whether a systemd of this user runs. */
export async function hasUserManager(): Promise<boolean> {
  if (!process.env['XDG_RUNTIME_DIR']) return false;
  const { stdout } = await run(['systemctl', '--user', 'is-system-running'], { allowExitCodes: 'any' }).catch(() => ({
    stdout: '',
  }));
  return /^(running|degraded|starting|initializing)$/.test(stdout.trim());
}

/** The systemd of this user. Everything the demo makes in it lies in `folder` or below `$XDG_RUNTIME_DIR`. */
export async function useUserManager(root: string, folder: string): Promise<Place> {
  const runtimeRoot = process.env['XDG_RUNTIME_DIR'] ?? '';
  const runtimeDir = join(runtimeRoot, 'bough-demo');
  const unitDir = join(runtimeRoot, 'systemd/user');
  const stateDir = join(folder, 'state');
  const absent = foldersOfApps(runtimeRoot).filter((path) => !existsSync(path));
  await assertFree(unitDir);
  const programs = `${process.env['PATH'] ?? ''}:${programPath}`;
  const installed = await installMissing('The demo', ['git', 'nix', 'redis-server', 'caddy'], programs);
  await tryNix(programs);
  say('using your own systemd (systemctl --user)');
  await takeDown(stateDir, runtimeDir, unitDir); // what a killed demo has left
  for (const path of [stateDir, runtimeDir, unitDir]) await mkdir(path, { recursive: true });
  return {
    name: 'your own systemd (systemctl --user status)',
    scope: 'user',
    installed,
    enter: [],
    folders: {
      stateDir,
      runtimeDir,
      unitDir,
      stackUnitDir: unitDir,
      etc: join(folder, 'etc'),
      redisSocket: join(runtimeDir, 'redis.sock'),
      root,
      node: process.execPath,
    },
    stack: {
      dataDir: stateDir,
      path: programs,
      caddy: programFile('caddy', programs),
      redisServer: programFile('redis-server', programs),
    },
    async [Symbol.asyncDispose]() {
      await takeDown(stateDir, runtimeDir, unitDir);
      for (const path of absent) await rmdir(path).catch(() => {}); // left where somebody else uses it by now
      const left = await unitsOfApps();
      if (left.length > 0) throw new DemoError(`Units of the demo are left: ${left.join(' ')}`);
    },
  };
}

/** Where systemd.exec(5) makes the folders of a user's units; deepest first. */
function foldersOfApps(runtimeRoot: string): string[] {
  const home = process.env['HOME'] ?? '';
  const state = [join(home, '.local/state'), join(home, '.config')]; // since systemd 254, and before
  const roots = [...state, join(home, '.cache'), runtimeRoot];
  return [...roots.map((root) => join(root, 'bough-apps')), ...state, join(home, '.local')];
}

/** Somebody's real Bough in the same systemd has units of the same names. */
async function assertFree(unitDir: string): Promise<void> {
  for (const unit of stack) {
    const { stdout } = await run(['systemctl', '--user', 'show', '--property=FragmentPath', '--value', '--', unit]);
    const path = stdout.trim();
    if (path !== '' && path !== join(unitDir, unit)) {
      throw new DemoError(
        `${path} is there already: a Bough is installed in your systemd, and the demo would be in its way.`,
      );
    }
  }
}

async function takeDown(stateDir: string, runtimeDir: string, unitDir: string): Promise<void> {
  const systemctl = (...argv: string[]) =>
    run(['systemctl', '--user', '--no-ask-password', ...argv], { allowExitCodes: 'any' });
  await systemctl('stop', '--', ...stack);
  const apps = await unitsOfApps();
  if (apps.length > 0) await systemctl('stop', '--', ...apps);
  for (const unit of apps) await systemctl('clean', '--what=all', '--', unit);
  for (const unit of await ownLinks(unitDir, stateDir)) await rm(join(unitDir, unit), { force: true });
  for (const unit of stack) await rm(join(unitDir, unit), { force: true });
  await systemctl('daemon-reload');
  await systemctl('reset-failed', '--', ...stack, ...apps);
  await systemctl('stop', '--', 'bough.slice');
  for (const path of [stateDir, `${stateDir}-receiver`, runtimeDir]) await rm(path, { recursive: true, force: true });
}

async function unitsOfApps(): Promise<string[]> {
  const { stdout } = await run([
    'systemctl',
    '--user',
    'list-units',
    '--all',
    '--plain',
    '--no-legend',
    '--full',
    '--',
    'bough-hello--*',
  ]);
  return stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
}

/** Units of apps are links into the state folder. */
async function ownLinks(unitDir: string, stateDir: string): Promise<string[]> {
  const names = await readdir(unitDir).catch(() => []);
  const own: string[] = [];
  for (const name of names) {
    const target = await readlink(join(unitDir, name)).catch(() => '');
    if (target.startsWith(`${stateDir}/`)) own.push(name);
  }
  return own;
}
