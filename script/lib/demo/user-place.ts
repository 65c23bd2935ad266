import { existsSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Program, programFile, programPath } from '../programs.ts';
import { adviseOnNix } from './advise-on-nix.ts';
import { installMissing } from './install.ts';
import { type Place, type PlaceOptions, run } from './place.ts';
import { DemoError, say } from './say.ts';
import { tryNix } from './try-nix.ts';
import { foldersOf, stack, takeDown, unitsLeft } from './user-take-down.ts';

/** What is needed of the host beside its systemd. */
export const neededPrograms: readonly Program[] = ['git', 'nix', 'redis-server', 'caddy'];

/** The folders to look for them in. */
export const searchPath = (): string => `${process.env['PATH'] ?? ''}:${programPath}`;

/** Ends what a killed demo has left in the systemd of this user, which may still write into its `folder`. */
export async function clearUserManager({ folder }: PlaceOptions): Promise<void> {
  await assertFree(foldersOf(folder).unitDir);
  await takeDown(folder);
}

/** The systemd of this user. Everything the demo makes in it lies in `folder` or below `$XDG_RUNTIME_DIR`. */
export async function useUserManager({ root, folder, noteInstalled }: PlaceOptions): Promise<Place> {
  const programs = searchPath();
  noteInstalled(await installMissing('The demo', neededPrograms, programs));
  const refusal = await tryNix(programs);
  if (refusal !== null) throw new DemoError(`${adviseOnNix(refusal, process.getuid?.() === 0)}\n${refusal}`);
  say('using your own systemd (systemctl --user)');
  const { stateDir, runtimeDir, unitDir } = foldersOf(folder);
  const absent = foldersAbove().filter((path) => !existsSync(path));
  for (const path of [stateDir, runtimeDir, unitDir]) await mkdir(path, { recursive: true });
  return {
    name: 'your own systemd (systemctl --user status)',
    scope: 'user',
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
      await takeDown(folder);
      for (const path of absent) await rmdir(path).catch(() => {}); // left where somebody else uses it by now
      const left = await unitsLeft();
      if (left.length > 0) throw new DemoError(`Units of the demo are left: ${left.join(' ')}`);
    },
  };
}

/** What systemd makes for the folders of a user's units, deepest first: state is in the first since systemd 254. */
function foldersAbove(): string[] {
  return ['.local/state', '.local', '.config'].map((name) => join(process.env['HOME'] ?? '', name));
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
