import { chmod, readFile, stat, utimes } from 'node:fs/promises';
import { connectedSockets } from '@bough/core/limits/connected-sockets.ts';
import { nullIfMissing } from '../if-there.ts';

/** The evidence that somebody visited: kept by the kernel in the socket's own file, so that nothing has to be written down. */
export interface Visits {
  /** When somebody last connected to the socket at this path; now, where somebody is connected. `null`: there is none. */
  last(path: string): Promise<Date | null>;
  /** From now on the next connection is noted again. */
  await(path: string): Promise<void>;
}

/**
 * Looks who is connected now. connect(2) sets the access time of a socket's file (`unix_find_bsd` of Linux), but on a file
 * system mounted `relatime`, as all are, only when that is not later than the last change: so each look ends with one,
 * and the time read is that of the first connection since the last look. Whoever connects must not see the folder
 * mounted read-only or `noatime`. A new socket, as a new release and a reboot make it, counts as visited.
 */
export async function observeVisits(now: Date): Promise<Visits> {
  const connected = connectedSockets(await readFile('/proc/net/unix', 'utf8'));
  return {
    async last(path) {
      if (connected.has(path)) return now;
      return (await stat(path).catch(nullIfMissing))?.atime ?? null;
    },

    async await(path) {
      if (connected.has(path)) await utimes(path, now, now).catch(nullIfMissing);
      const found = await stat(path).catch(nullIfMissing);
      // A change that changes nothing but the time of it. utimes(2) would undo a connection that comes in between.
      if (found !== null) await chmod(path, found.mode & 0o777).catch(nullIfMissing);
    },
  };
}
