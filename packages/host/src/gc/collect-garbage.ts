import { rm } from 'node:fs/promises';
import { AppError, describeError } from '@bough/core/app-error.ts';
import { readableBytes } from '@bough/core/gc/bytes-to-free.ts';
import { describeGcStep, type GcSettings, type GcStep, planGc } from '@bough/core/gc/plan-gc.ts';
import type { Collected } from '@bough/core/gc/store-gc.ts';
import type { GcOutcome } from '@bough/core/queue/jobs.ts';
import type { ApplyHost } from '../reconcile/apply-step.ts';
import { type BuildUser, builderRun } from '../nix/build-user.ts';
import type { RunCommand } from '../run-command.ts';
import { collectStore } from './collect-store.ts';
import { freeBytes } from './free-bytes.ts';
import { type GarbageHost, observeGarbage, observeGarbageOf, repositoryCopies } from './observe-garbage.ts';

/** What collecting needs of the host. */
export interface CollectHost extends GarbageHost, Pick<ApplyHost, 'holdRoot'> {
  readonly settings: GcSettings;
  readonly run: RunCommand;
  readonly builder?: BuildUser | undefined;
}

/** How one collection is asked for. `all`: every garbage, whatever is free. */
export interface CollectRun {
  readonly all: boolean;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export type CollectGarbage = (run: CollectRun) => Promise<GcOutcome>;

const shown = 100;

/**
 * Removes what retention says, then garbage of the store down to the watermark. Call it only while nothing is built. One
 * thing that cannot be removed is told and keeps nothing else from going.
 * The function made throws AppError COMMAND_FAILED when the store cannot be collected.
 */
export function createCollectGarbage(host: CollectHost): CollectGarbage {
  return async ({ all, signal, log }) => {
    const { steps, problems: found } = planGc(await observeGarbage(host), host.settings, all);
    const problems = [...found];
    for (const problem of problems) log(`problem: ${problem}`);
    const removed: string[] = [];
    let otherBytes = 0;
    let collected: Collected = { paths: 0, bytes: 0 };
    for (const step of steps) {
      signal.throwIfAborted();
      const sentence = describeGcStep(step);
      log(sentence);
      if (step.kind === 'collect-store') {
        collected = await collectStore(host, step.maxFreed, signal);
        log(`${collected.paths} store paths are gone, ${readableBytes(collected.bytes)}`);
        continue;
      }
      try {
        if (!(await applyGcStep(host, step, signal))) continue;
        if (step.kind !== 'hold-root') removed.push(sentence);
        if ('bytes' in step) otherBytes += step.bytes;
      } catch (error) {
        if (signal.aborted) throw error;
        problems.push(`${sentence}: ${describeError(error)}`);
        log(`problem: ${describeError(error)}`);
      }
    }
    const free = await freeBytes();
    log(`${readableBytes(collected.bytes + otherBytes)} freed, ${readableBytes(free)} are free now`);
    return {
      outcome: 'collected',
      removed: removed.slice(0, shown),
      removedCount: removed.length,
      storePaths: collected.paths,
      storeBytes: collected.bytes,
      otherBytes,
      freeBytes: free,
      problems,
    };
  };
}

/** Returns whether it was done: things may have changed since the plan. */
async function applyGcStep(
  host: CollectHost,
  step: Exclude<GcStep, { kind: 'collect-store' }>,
  signal: AbortSignal,
): Promise<boolean> {
  const { layout, store } = host;
  switch (step.kind) {
    case 'hold-root':
      await host.holdRoot(step.id, step.seq, step.outPath, signal);
      return true;
    case 'remove-release':
      return await store.withLock(step.id, async () => {
        if (!(await isStillPlanned(host, step))) return false;
        await store.removeRelease(step.id, step.seq);
        return true;
      });
    case 'remove-root':
      await rm(`${layout.releases(step.id)}/${step.name}`, { force: true });
      return true;
    case 'remove-log':
      await rm(`${layout.buildLogs(step.id)}/${step.commit}.log`, { force: true });
      return true;
    case 'remove-repositories':
      await builderRun(host)(['rm', '-rf', '--', repositoryCopies(layout)]);
      return true;
  }
}

/** A reconcile may have made the release desired meanwhile: a person rolled back to it. */
async function isStillPlanned(host: CollectHost, step: GcStep & { kind: 'remove-release' }): Promise<boolean> {
  const again = {
    deployments: [await observeGarbageOf(host, step.id)],
    problems: [],
    repositoryBytes: 0,
    freeBytes: 0,
  };
  return planGc(again, host.settings).steps.some((found) => found.kind === 'remove-release' && found.seq === step.seq);
}

/** What fails because the disk is full, told by whoever noticed. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof AppError && error.code === 'DISK_FULL';
}
