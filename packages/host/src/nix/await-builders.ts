import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import { findOrphanedBuilders } from './find-orphaned-builders.ts';
import type { NixHost, NixWatch } from './nix.ts';
import { hasNixDaemon } from './run-nix.ts';

/** The Nix daemon ends a builder within a second of its client. */
const endsWithinSec = 60;
const everyMs = 250; // a look at all processes

/**
 * Waits until nothing builds any more for a client that is gone: the worker lock is held by the clients of Nix, not by
 * builders, which are the daemon's. To be called before each build, by the only one who builds for Bough.
 * @throws AppError BUILDER_LEFT when it does not end; the reason of `watch.signal` when that aborts
 */
export async function awaitBuilders(host: Pick<NixHost, 'actions' | 'buildersSec'>, watch: NixWatch): Promise<void> {
  const within = host.buildersSec ?? endsWithinSec;
  const hasDaemon = await hasNixDaemon();
  const find = () => findOrphanedBuilders({ hasDaemon });
  let left = find();
  if (left.length === 0) return;
  const what = () => `process ${left.map(({ pid }) => pid).join(', ')} of a build that nobody waits for`;
  watch.log(`waiting for the end of ${what()}`);
  const ended = host.actions?.begin(`waiting for the end of ${what()}`, 2 * within);
  const began = performance.now();
  try {
    while (left.length > 0) {
      if (performance.now() - began > within * 1_000)
        throw new AppError('BUILDER_LEFT', `${what()} has not ended within ${within} s; end it`);
      await sleep(everyMs, undefined, { signal: watch.signal }).catch(() => watch.signal.throwIfAborted());
      left = find();
    }
  } finally {
    ended?.();
  }
}
