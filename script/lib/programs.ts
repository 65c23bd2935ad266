import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The `PATH` of an installation: systemd's own, and where the installer of nixos.org puts Nix, which `sudo` leaves out. */
export const programPath =
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nix/var/nix/profiles/default/bin';

/** By which names a program Bough needs goes: what Amazon Linux has in place of Redis 7 is Valkey. */
const names = {
  git: ['git'],
  nix: ['nix'],
  'redis-server': ['redis-server', 'valkey-server'],
  caddy: ['caddy'],
} as const satisfies Record<string, readonly string[]>;

/** A program Bough may need on the host. */
export type Program = keyof typeof names;

/** The file of one of Bough's programs in the folders of `path`, or `null`. */
export function findProgram(program: Program, path = programPath): string | null {
  return names[program].map((name) => findFile(name, path)).find((file) => file !== null) ?? null;
}

/** The same, where it has to be there. */
export function programFile(program: Program, path = programPath): string {
  const file = findProgram(program, path);
  if (file === null) throw new Error(`${program} is in none of ${path}`);
  return file;
}

/** The first file of this name in the folders of `path` that can be run, or `null`. */
export function findFile(name: string, path: string): string | null {
  const folders = path.split(':').filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
