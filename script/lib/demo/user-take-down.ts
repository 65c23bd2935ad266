import { readdir, readlink, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './place.ts';

/** Bough's own units, in the order they are stopped in. */
export const stack = [
  'bough-worker.service',
  'bough-receiver.service',
  'bough-caddy.service',
  'bough-restore.service',
  'bough-redis.service',
  'bough-previews.slice',
  'bough-production.slice',
];
const apps = 'bough-hello--*';
const outermost = 'bough.slice';

/** Where a demo has what is its own. */
export function foldersOf(folder: string): { stateDir: string; runtimeDir: string; unitDir: string } {
  const runtimeRoot = process.env['XDG_RUNTIME_DIR'] ?? '';
  return {
    stateDir: join(folder, 'state'),
    runtimeDir: join(runtimeRoot, 'bough-demo'),
    unitDir: join(runtimeRoot, 'systemd/user'),
  };
}

/** Ends and removes whatever a demo has made in the systemd of this user, this one or one that was killed. */
export async function takeDown(folder: string): Promise<void> {
  const { stateDir, runtimeDir, unitDir } = foldersOf(folder);
  const systemctl = (...argv: string[]) =>
    run(['systemctl', '--user', '--no-ask-password', ...argv], { allowExitCodes: 'any' });
  await systemctl('stop', '--', ...stack);
  const units = await unitsLike(apps);
  if (units.length > 0) await systemctl('stop', '--', ...units);
  for (const unit of units) await systemctl('clean', '--what=all', '--', unit);
  for (const unit of await ownLinks(unitDir, stateDir)) await rm(join(unitDir, unit), { force: true });
  for (const unit of stack) await rm(join(unitDir, unit), { force: true });
  await systemctl('daemon-reload');
  await systemctl('reset-failed', '--', ...stack, ...units);
  await systemctl('stop', '--', outermost);
  for (const path of [stateDir, `${stateDir}-receiver`, runtimeDir]) await rm(path, { recursive: true, force: true });
  for (const path of [...foldersOfApps(), unitDir]) await rmdir(path).catch(() => {}); // left where it is not empty
}

/** What systemd still knows of a demo. */
export async function unitsLeft(): Promise<string[]> {
  return unitsLike(apps, ...stack, outermost);
}

async function unitsLike(...patterns: string[]): Promise<string[]> {
  const list = ['systemctl', '--user', 'list-units', '--all', '--plain', '--no-legend', '--full', '--'] as const;
  const { stdout } = await run([...list, ...patterns]);
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

/** Where systemd.exec(5) makes the folders of a user's units. */
function foldersOfApps(): string[] {
  const home = process.env['HOME'] ?? '';
  const roots = ['.local/state', '.config', '.cache'].map((name) => join(home, name));
  return [...roots, process.env['XDG_RUNTIME_DIR'] ?? ''].map((root) => join(root, 'bough-apps'));
}
