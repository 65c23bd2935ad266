import { isAlive, readLockOwner } from '@bough/host/worker-lock/lock-owner.ts';

/** Whether a worker runs, as its lock file tells. */
export interface WorkerState {
  readonly state: 'running' | 'not running' | 'unknown: its lock file belongs to another user';
  readonly pid: number | null;
}

/** Looks at the record of the worker lock, and at nothing else. */
export function workerState(lock: string): WorkerState {
  try {
    const owner = readLockOwner(lock);
    if (owner === null || !isAlive(owner)) return { state: 'not running', pid: null };
    return { state: 'running', pid: owner.pid };
  } catch {
    return { state: 'unknown: its lock file belongs to another user', pid: null };
  }
}
