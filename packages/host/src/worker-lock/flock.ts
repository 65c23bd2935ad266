import { spawnSync } from 'node:child_process';
import { AppError } from '@bough/core/app-error.ts';

const busy = 75; // what we let flock(1) exit with

/**
 * Locks an open file exclusively, without waiting: whether it is ours now. Node has no flock(2), so util-linux's flock(1)
 * locks the descriptor it inherits; the lock stays with the open file when that helper has ended (flock(2)).
 * It takes about 2 ms.
 * @throws AppError COMMAND_FAILED
 */
export function tryFlock(fd: number): boolean {
  const argv = ['-x', '-n', '-E', String(busy), '3'];
  const { status, error } = spawnSync('flock', argv, { stdio: ['ignore', 'ignore', 'ignore', fd], timeout: 5_000 });
  if (status === 0) return true;
  if (status === busy) return false;
  throw new AppError('COMMAND_FAILED', 'The worker lock cannot be tried with flock; install util-linux', {
    cause: error,
  });
}
