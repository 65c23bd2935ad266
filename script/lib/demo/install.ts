import { join } from 'node:path';
import { findFile, findProgram, type Program, programPath } from '../programs.ts';
import { run } from './place.ts';
import { DemoError, say } from './say.ts';

/** Debian's packages for each program, and the service it would start with them, unasked. */
const packages = {
  git: { names: ['git'] },
  nix: { names: ['nix-bin', 'nix-setup-systemd'] },
  'redis-server': { names: ['redis-server'], service: 'redis-server.service' },
  caddy: { names: ['caddy'], service: 'caddy.service' },
} as const satisfies Record<Program, { names: readonly string[]; service?: string }>;

/**
 * Installs what of `programs` is in no folder of `path`, with apt-get where that is possible without a question, and says
 * what to do where not.
 * @returns the names of the packages that were installed
 */
export async function installMissing(asker: string, programs: readonly Program[], path: string): Promise<string[]> {
  const missing = programs.filter((program) => findProgram(program, path) === null);
  if (missing.length === 0) return [];
  const names = missing.flatMap((program) => packages[program].names);
  const elevate = await elevation();
  if (elevate === null || findFile('apt-get', programPath) === null) {
    throw new DemoError(
      `${asker} needs ${missing.join(', ')}. Install what provides it, on Debian with\n    sudo apt-get install ${names.join(' ')}\nand run it again.`,
    );
  }
  say(`installing ${names.join(', ')}`);
  const patient = join(import.meta.dirname, '../apt-get'); // it may wait for five minutes before it begins
  const apt = async (...argv: string[]) => {
    await run(['env', ...elevate, patient, ...argv], { timeoutMs: 900_000 });
  };
  await apt('update');
  await apt('install', '--yes', '--no-install-recommends', ...names);
  for (const program of missing) await silence(program, elevate);
  return names;
}

/** argv to become root by, or `null` where a password would be asked for. */
async function elevation(): Promise<string[] | null> {
  if (process.getuid?.() === 0) return [];
  if (findFile('sudo', programPath) === null) return null;
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
