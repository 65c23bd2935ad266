import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import type { Logger } from 'pino';
import type { Actions } from './progress/actions.ts';
import { endOrphans } from './worker-lock/end-orphans.ts';
import { findLockHolders } from './worker-lock/find-lock-holders.ts';
import { tryFlock } from './worker-lock/flock.ts';
import { isAlive, type LockOwner, readLockOwner, writeLockOwner } from './worker-lock/lock-owner.ts';

/** How often a standby looks whether the owner still lives. */
const standbyMs = 250;
/** How often the lock is tried while the children of a dead worker are being ended. */
const takeoverMs = 20;
/** What does not end within that after SIGKILL is in the kernel's hands, as of a disk that does not answer. */
const orphansSec = 120;

export interface WorkerLockOptions {
  readonly log: Logger;
  /** Aborted when the process is to end; the wait then ends with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called once for every owner that has to be waited for. */
  readonly onWaiting?: (owner: LockOwner) => void;
  /** Where is noted what is waited for. */
  readonly actions?: Pick<Actions, 'begin'>;
  /** How long a dead worker's processes are waited for; only tests want another. */
  readonly orphansSec?: number;
}

/**
 * Takes the lock of the one worker of this host, waiting as a standby for as long as another one lives. The lock belongs
 * to the open descriptor, not to a process (flock(2)): never close it, and hand it to every child that could go on
 * building when this process dies. The children of a worker that died are ended before the lock is taken.
 *
 * A standby asks the record of the owner, not the lock, so it holds nothing open. Whoever sees a dead owner takes a
 * second lock, held only until the record names the new owner, so nobody ever mistakes a new owner for an orphan.
 * @throws AppError COMMAND_FAILED when `flock` of util-linux cannot be run, WORKER_LOCKED when it is held on by what cannot be ended
 */
export async function acquireWorkerLock(path: string, options: WorkerLockOptions): Promise<{ fd: number }> {
  const { signal, onWaiting, actions } = options;
  mkdirSync(dirname(path), { recursive: true });
  let announced = '';
  let ended: (() => void) | undefined;

  try {
    for (;;) {
      signal.throwIfAborted();
      const owner = readLockOwner(path);
      if (owner !== null && isAlive(owner)) {
        const name = `${owner.pid} ${owner.startTime}`;
        if (name !== announced) {
          onWaiting?.(owner);
          ended?.();
          // No deadline: a standby is there to wait for as long as the owner lives, and is not stuck.
          ended = actions?.begin(`standing by for process ${owner.pid}, which holds the worker lock,`, Infinity);
        }
        announced = name;
      } else {
        ended?.();
        const fd = await takeOver(path, options);
        if (fd !== null) return { fd };
      }
      await sleep(standbyMs, undefined, { signal });
    }
  } finally {
    ended?.();
  }
}

/** Lets go of the lock in a process that goes on. Its record goes first: by that it would be taken for the owner still. */
export function releaseWorkerLock(fd: number): void {
  ftruncateSync(fd);
  closeSync(fd);
}

/** The locked descriptor, or `null` where another process is ahead. */
async function takeOver(path: string, options: WorkerLockOptions): Promise<number | null> {
  const turn = openSync(`${path}.takeover`, 'a', 0o600);
  try {
    if (!tryFlock(turn)) return null;
    const owner = readLockOwner(path);
    if (owner !== null && isAlive(owner)) return null;
    return await lockOnceFree(path, owner, options);
  } finally {
    closeSync(turn);
  }
}

async function lockOnceFree(path: string, owner: LockOwner | null, options: WorkerLockOptions): Promise<number> {
  const { log, signal, actions, orphansSec: withinSec = orphansSec } = options;
  const orphans = endOrphans(path, log);
  const began = performance.now();
  const waiting = actions?.begin('waiting for the worker lock, which outlives its owner', 2 * withinSec);
  try {
    for (let round = 0; ; round += 1) {
      signal.throwIfAborted();
      const fd = lock(path);
      if (fd !== null) return fd;
      if (owner !== null) orphans.next();
      else if (round === 0) log.warn({ path }, 'waiting for the worker lock: somebody holds it who is not on record');
      const ms = performance.now() - began;
      if (ms > withinSec * 1_000) throw heldOn(path, withinSec);
      await sleep(owner !== null && ms < 2_000 ? takeoverMs : standbyMs, undefined, { signal });
    }
  } finally {
    waiting?.();
  }
}

function heldOn(path: string, sec: number): AppError {
  const pids = findLockHolders(path).join(', ') || 'one that cannot be seen';
  return new AppError(
    'WORKER_LOCKED',
    `${path} is held on for ${sec} s by what no worker stands behind any more: end process ${pids}`,
  );
}

function lock(path: string): number | null {
  const fd = openSync(path, 'a+', 0o600);
  // The file may have been replaced between open and lock; a lock on a removed file would exclude nobody.
  if (tryFlock(fd) && isSameFile(fd, path)) {
    writeLockOwner(path);
    return fd;
  }
  closeSync(fd);
  return null;
}

function isSameFile(fd: number, path: string): boolean {
  const [ours, there] = [fstatSync(fd), statSync(path, { throwIfNoEntry: false })];
  return there?.ino === ours.ino && there.dev === ours.dev;
}
