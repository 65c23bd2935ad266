import {
  type Collected,
  collectArgv,
  parseCollected,
  parseSizes,
  printDeadArgv,
  sizesArgv,
} from '@bough/core/gc/store-gc.ts';
import type { NixHost } from '../nix/nix.ts';
import { nixEnvironment } from '../nix/run-nix.ts';

/** A store of years may take its time. Builds wait meanwhile, so it has an end. */
const collectMs = 2 * 3_600_000;
const printDeadMs = 10 * 60_000;
/** So many paths are asked about at once: far below what one command line may hold. */
const chunk = 500;

/**
 * Deletes garbage from the store, through the daemon where there is one; what has a GC root or is in use stays.
 * @throws AppError COMMAND_FAILED
 */
export async function collectStore(
  { layout, run }: Pick<NixHost, 'layout' | 'run'>,
  maxFreed: number | null,
  signal: AbortSignal,
): Promise<Collected> {
  const env = await nixEnvironment(layout.nixCache);
  const { stdout, stderr } = await run(collectArgv(maxFreed), { env, signal, timeoutMs: collectMs });
  return parseCollected(`${stdout}\n${stderr}`);
}

/**
 * What a collection of everything would delete from the store as it is now.
 * @throws AppError COMMAND_FAILED
 */
export async function deadInStore(
  { layout, run }: Pick<NixHost, 'layout' | 'run'>,
  signal: AbortSignal,
): Promise<Collected> {
  const options = { env: await nixEnvironment(layout.nixCache), signal, timeoutMs: printDeadMs };
  const { stdout } = await run(printDeadArgv, options);
  const paths = stdout.split('\n').filter((line) => line.startsWith('/nix/store/'));
  let bytes = 0;
  for (let from = 0; from < paths.length; from += chunk) {
    bytes += parseSizes((await run(sizesArgv(paths.slice(from, from + chunk)), options)).stdout);
  }
  return { paths: paths.length, bytes };
}
