import { findProgram } from '../programs.ts';
import type { Host } from './choose-place.ts';
import { run } from './place.ts';
import { tryNix } from './try-nix.ts';
import { neededPrograms, searchPath } from './user-place.ts';

/** Looks at the host and changes nothing on it. */
export async function observeHost(): Promise<Host> {
  const isRoot = process.getuid?.() === 0;
  const hasManager = await hasUserManager();
  return { isRoot, hasUserManager: hasManager, isEquipped: isRoot && hasManager && (await isEquipped()) };
}

async function hasUserManager(): Promise<boolean> {
  if (!process.env['XDG_RUNTIME_DIR']) return false;
  const { stdout } = await run(['systemctl', '--user', 'is-system-running'], { allowExitCodes: 'any' }).catch(() => ({
    stdout: '',
  }));
  return /^(running|degraded|starting|initializing)$/.test(stdout.trim());
}

async function isEquipped(): Promise<boolean> {
  const path = searchPath();
  return neededPrograms.every((program) => findProgram(program, path) !== null) && (await tryNix(path)) === null;
}
