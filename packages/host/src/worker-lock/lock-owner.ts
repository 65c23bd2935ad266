import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { isMissing } from '../is-missing.ts';
import { readProcess } from './read-process.ts';

/**
 * Who holds the worker lock. A process number alone is given out again; with its start time (clock ticks since boot, see
 * proc_pid_stat(5)) it is not before a reboot, which empties the folder of the lock. No boot id: a unit with a /proc of its
 * own may see another one than its owner outside.
 */
export const LockOwner = z.object({ pid: z.int().positive(), startTime: z.string() });
export type LockOwner = z.infer<typeof LockOwner>;

/** What the lock file says, or `null` where it says nothing (yet). */
export function readLockOwner(path: string): LockOwner | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    return LockOwner.parse(JSON.parse(text));
  } catch {
    return null; // being written at this moment
  }
}

/** Records this process. Call it only while holding the lock. */
export function writeLockOwner(path: string): void {
  const self = readProcess(process.pid);
  if (self === null) throw new Error('/proc does not show this process');
  const owner: LockOwner = { pid: process.pid, startTime: self.startTime };
  writeFileSync(path, `${JSON.stringify(owner)}\n`);
}

/** Whether the recorded process still runs. A frozen one does; one that only waits for its parent to notice its end does not. */
export function isAlive(owner: LockOwner): boolean {
  const found = readProcess(owner.pid);
  return found !== null && found.startTime === owner.startTime && !found.ended;
}
