import { readFile, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { toBuildArgv } from '@bough/core/nix/nix-argv.ts';
import { FailureMemo } from '@bough/core/nix/failure-memo.ts';
import { namesIn } from '../if-there.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';
import { builderRun } from './build-user.ts';
import type { NixHost } from './nix.ts';
import { nixEnvironment } from './run-nix.ts';

/** So long a failure counts. A cause outside the source, an overloaded host say, does not hold a branch up for ever. */
const keptMs = 7 * 86_400_000;

/** What is known of derivations that failed, below `layout.failures`. */
export type FailureMemos = ReturnType<typeof createFailureMemos>;

/** The memos of a host. Only hints: without them the same is built, and fails, again. */
export function createFailureMemos(host: Pick<NixHost, 'layout' | 'run' | 'builder'>) {
  const { layout } = host;
  const fileOf = (drvPath: string): string => `${layout.failures}/${basename(drvPath)}.json`;

  /** The files of the memos about what would have to be built for a derivation: what was built meanwhile is in nobody's way. */
  async function filesAbout(drvPath: string, signal: AbortSignal): Promise<string[]> {
    const names = new Set(await namesIn(layout.failures));
    if (names.size === 0) return [];
    const env = await nixEnvironment(layout.nixCache);
    // Nix asks its caches, which may be away: then it is no hint, and the build itself goes on without them.
    const asked = await builderRun(host)(toBuildArgv(drvPath), { env, signal }).catch(() => null);
    signal.throwIfAborted();
    const drvs = asked?.stderr.match(/\/nix\/store\/[^\s']+\.drv(?=\s|$)/g) ?? [];
    return drvs.flatMap((path) => (names.has(`${basename(path)}.json`) ? [fileOf(path)] : []));
  }

  return {
    /** The memo about a derivation, or about one that has to be built for it. */
    async find(drvPath: string, signal: AbortSignal): Promise<FailureMemo | null> {
      for (const file of await filesAbout(drvPath, signal)) {
        if (await isOld(file)) continue;
        const memo = parse(await readFile(file, 'utf8').catch(() => ''));
        if (memo !== null) return memo;
      }
      return null;
    },

    /** Writes a memo, and removes those that count no more. */
    async remember(memo: FailureMemo): Promise<void> {
      await writeFileAtomically(fileOf(memo.drvPath), `${JSON.stringify(memo, null, 2)}\n`);
      for (const name of await namesIn(layout.failures)) {
        if (await isOld(`${layout.failures}/${name}`)) await rm(`${layout.failures}/${name}`, { force: true });
      }
    },

    /** Removes the memos about a derivation and all that has to be built for it. */
    async forget(drvPath: string, signal: AbortSignal): Promise<void> {
      for (const file of await filesAbout(drvPath, signal)) await rm(file, { force: true });
    },
  };
}

async function isOld(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found === null || found.mtimeMs < Date.now() - keptMs;
}

function parse(text: string): FailureMemo | null {
  try {
    return FailureMemo.parse(JSON.parse(text));
  } catch {
    return null; // not ours, or half of it: then it counts for nothing
  }
}
