import { readdirSync, statSync } from 'node:fs';
import { flushCompileCache, getCompileCacheDir } from 'node:module';
import { join } from 'node:path';

/** Set for a process that was started over, so that it is done once, whatever becomes of the cache. */
const mark = 'BOUGH_STARTED_OVER';

/**
 * Starts the process over where it had to compile, with what it compiled kept. To be called when all is loaded; `others` loads what a
 * thread will. Stripping types and compiling takes 30 MiB, which a process never gives back; one that finds it done never takes them.
 * The pid stays the same, so systemd sees one start. Where the cache cannot be read it goes on as it is.
 */
export async function startOverOnceCompiled(others: () => Promise<unknown>): Promise<void> {
  const cache = getCompileCacheDir();
  if (cache === undefined || process.env[mark] !== undefined) return;
  try {
    if (!keepsMore(cache)) return;
    await others();
    flushCompileCache();
  } catch {
    return; // it costs memory, and nothing else
  }
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    [mark]: '1',
  });
}

/** Whether this process compiled something that could be kept. */
function keepsMore(cache: string): boolean {
  const before = kept(cache);
  flushCompileCache(); // it writes what is new, and nothing else
  return [...kept(cache)].some(([name, at]) => before.get(name) !== at);
}

/** When what is kept was written, by its name. */
function kept(cache: string): Map<string, number> {
  const names = readdirSync(cache).filter((name) => /^[0-9a-f]+$/.test(name)); // others are half-written
  return new Map(names.map((name) => [name, statSync(join(cache, name)).mtimeMs]));
}
