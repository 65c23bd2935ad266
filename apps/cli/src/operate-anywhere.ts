import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import { type Operation, OperationResult } from '@bough/core/control/operation.ts';
import { type ProjectOperation, ProjectResult } from '@bough/core/control/project-operation.ts';
import { longestStop } from '@bough/core/state/manifest-limits.ts';
import { askWorker } from '@bough/host/control/ask-worker.ts';
import type { Operated } from '@bough/host/operate/operate.ts';
import { acquireWorkerLock } from '@bough/host/worker-lock.ts';
import { isAlive, readLockOwner } from '@bough/host/worker-lock/lock-owner.ts';
import type { Cli } from './command.ts';

/** Longer than any app may take to come up by its default, and what it waits for before that; and longer than any may take to end. */
const answerMs = 180_000 + longestStop * 1_000;
/** A worker that starts has its socket within a second of its lock. */
const reachMs = 15_000;
/** What a dead worker left has 300 ms to end by itself, and is killed then. */
const lockMs = 5_000;

/**
 * Has an operation carried out: by the worker where one runs, else in this process under the worker's lock. Neither needs
 * Redis or the network.
 * @throws AppError WORKER_UNREACHABLE, and what the operation throws
 */
export async function operateAnywhere(cli: Cli, operation: Operation): Promise<Operated> {
  return await anywhere(cli, 'POST /operations', operation, {
    answered: (body) => ({ result: OperationResult.parse(body), finished: Promise.resolve() }),
    here: async (fd) => await (await import('./operate-here.ts')).operateHere(cli, fd, operation),
  });
}

/** The same for what is asked of a project. */
export async function operateProjectAnywhere(cli: Cli, operation: ProjectOperation): Promise<ProjectResult> {
  return await anywhere(cli, 'POST /projects', operation, {
    answered: (body) => ProjectResult.parse(body),
    here: async (fd) => await (await import('./operate-here.ts')).operateProjectHere(cli, fd, operation),
  });
}

interface Ways<Result> {
  /** What the worker answered. */
  readonly answered: (body: unknown) => Result;
  /** Does it in this process, which holds the worker lock by `fd` from now on and is to let go of it. */
  readonly here: (fd: number) => Promise<Result>;
}

async function anywhere<Result>(cli: Cli, route: string, asked: object, ways: Ways<Result>): Promise<Result> {
  const { layout } = cli;
  const deadline = Date.now() + reachMs;
  for (;;) {
    cli.signal.throwIfAborted();
    const answer = await askWorker(layout.control, route, asked, answerMs);
    if (answer !== null) return ways.answered(answer.body);
    if (!ownerLives(layout.lock)) {
      const fd = await lockOrNull(cli);
      if (fd !== null) return await ways.here(fd);
    }
    if (Date.now() > deadline) {
      throw new AppError(
        'WORKER_UNREACHABLE',
        `the worker lock is held, and nobody answers at ${layout.control}; see systemctl status bough-worker`,
      );
    }
    await sleep(100, undefined, { signal: cli.signal });
  }
}

function ownerLives(path: string): boolean {
  try {
    const owner = readLockOwner(path);
    return owner !== null && isAlive(owner);
  } catch (cause) {
    throw notAllowed(path, cause);
  }
}

/** The lock, or `null` where somebody else was quicker. */
async function lockOrNull({ layout, log, signal }: Cli): Promise<number | null> {
  const late = AbortSignal.timeout(lockMs);
  try {
    return (await acquireWorkerLock(layout.lock, { log, signal: AbortSignal.any([signal, late]) })).fd;
  } catch (error) {
    if (late.aborted) return null;
    if (error instanceof AppError || signal.aborted) throw error;
    throw notAllowed(layout.lock, error);
  }
}

function notAllowed(path: string, cause: unknown): AppError {
  return new AppError(
    'WORKER_UNREACHABLE',
    `no worker answers, and ${path} cannot be locked to do it here; run this as the user the worker runs as (sudo)`,
    { cause },
  );
}
