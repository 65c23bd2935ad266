import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { run } from './place.ts';
import { DemoError, say } from './say.ts';

/** Debian's package for each program Bough may need on the host, and the service it would start there, unasked. */
const packages = {
  git: { package: 'git' },
  nix: { package: 'nix-bin nix-setup-systemd' },
  'redis-server': { package: 'redis-server', service: 'redis-server.service' },
  caddy: { package: 'caddy', service: 'caddy.service' },
} as const satisfies Record<string, { package: string; service?: string }>;

/** A program Bough may need on the host. */
export type Program = keyof typeof packages;

/** Installs what is missing with apt-get where that is possible without a question, and says what to do where not. */
export async function installMissing(asker: string, programs: readonly Program[]): Promise<void> {
  const missing = programs.filter((program) => findProgram(program) === null);
  if (missing.length === 0) return;
  const names = missing.flatMap((program) => packages[program].package.split(' '));
  const elevate = await elevation();
  if (elevate === null || findProgram('apt-get') === null) {
    throw new DemoError(
      `${asker} needs ${missing.join(', ')}. Install what provides it, on Debian with\n    sudo apt-get install ${names.join(' ')}\nand run it again.`,
    );
  }
  say(`installing ${names.join(', ')}`);
  const apt = async (...argv: string[]) => {
    await run(['env', ...elevate, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...argv], { timeoutMs: 600_000 });
  };
  await apt('update');
  await apt('install', '--yes', '--no-install-recommends', ...names);
  for (const program of missing) await silence(program, elevate);
}

/** The path of a program, or `null`. `sbin` is looked into as well, whatever the person's PATH. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder || '.', name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** argv to become root by, or `null` where a password would be asked for. */
async function elevation(): Promise<string[] | null> {
  if (process.getuid?.() === 0) return [];
  if (findProgram('sudo') === null) return null;
  const { exitCode } = await run(['sudo', '--non-interactive', 'true'], { allowExitCodes: 'any' });
  return exitCode === 0 ? ['sudo', '--non-interactive'] : null;
}

/** Only the program was wanted: the service Debian has just started with it would hold a port of this machine. */
async function silence(program: Program, elevate: readonly string[]): Promise<void> {
  const entry = packages[program];
  if (!('service' in entry)) return;
  const stop = ['systemctl', 'disable', '--now', '--quiet', '--', entry.service];
  await run(['env', ...elevate, ...stop], { allowExitCodes: 'any' });
}
