import type { TestContext } from 'node:test';
import type { Config } from '@bough/core/config/config.ts';
import type { Progress } from '@bough/core/nix/progress.ts';
import { createMirror, type Mirror } from '@bough/host/git/mirror.ts';
import { createEvaluate } from '@bough/host/nix/evaluate.ts';
import type { NixWatch } from '@bough/host/nix/nix.ts';
import { createRealise } from '@bough/host/nix/realise.ts';
import { commitFiles, type Files, makeRepository } from './flake.ts';
import { tempHost } from './temp-host.ts';

/** What a watch has seen. */
export interface Seen extends NixWatch {
  readonly lines: string[];
  readonly states: Progress[];
}

export function watchNix(signal: AbortSignal = new AbortController().signal, onLine?: (line: string) => void): Seen {
  const lines: string[] = [];
  const states: Progress[] = [];
  const log = (line: string): void => {
    lines.push(line);
    onLine?.(line);
  };
  return { signal, lines, states, log, progress: (progress) => states.push(progress) };
}

/** A host with a mirror and Nix. `commit` puts files into a repository, fetches and pins them. */
export function nixHost(
  t: TestContext,
  limits: Partial<Config['build']> & { maxLogBytes?: number } = {},
  folderName?: string,
) {
  const { folder, layout, run, log } = tempHost(t, folderName);
  const remote = `${folder}/remote`;
  makeRepository(remote);
  const mirror: Mirror = createMirror({ layout, run, fetchTimeoutMs: 20_000 });
  const host = {
    layout,
    run,
    maxLogBytes: limits.maxLogBytes ?? 1 << 20,
    limits: {
      evalTimeoutSec: 60,
      timeoutSec: 60,
      silenceTimeoutSec: 60,
      fetchTimeoutSec: 20,
      allowImportFromDerivation: false,
      ...limits,
    },
  };
  return {
    folder,
    layout,
    run,
    log,
    remote,
    mirror,
    host,
    evaluate: createEvaluate(host),
    realise: createRealise(host),
    async commit(files: Files): Promise<string> {
      const commit = commitFiles(remote, files);
      await mirror.fetch('app', remote);
      await mirror.pin('app', commit);
      return commit;
    },
  };
}

/** Something no store has seen yet, so that it is really built. */
export const fresh = (): string => `${process.pid}-${process.hrtime.bigint()}`;
