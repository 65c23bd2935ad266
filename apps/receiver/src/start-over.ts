import { readdirSync, statSync } from 'node:fs';
import { flushCompileCache, getCompileCacheDir } from 'node:module';
import { join } from 'node:path';

/** Set for a process that was started over, so that it is done once, whatever becomes of the cache. */
const mark = 'BOUGH_STARTED_OVER';

/**
 * Starts the process over where it had to compile, with what it compiled kept. To be called when all is loaded; `others` loads what a
 * thread will. Stripping types and compiling takes 30 MiB, which a process never gives back; one that finds it done never takes them.
 * The pid stays the same, so systemd sees one start.
 */
export async function startOverOnceCompiled(others: () => Promise<unknown>): Promise<void> {
  const cache = getCompileCacheDir();
  if (cache === undefined || process.env[mark] !== undefined || !hasCompiled(cache)) return;
  await others();
  flushCompileCache();
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    [mark]: '1',
  });
}

function hasCompiled(cache: string): boolean {
  flushCompileCache(); // it writes what is new, and nothing else
  return readdirSync(cache).some((name) => statSync(join(cache, name)).mtimeMs >= performance.timeOrigin);
}
