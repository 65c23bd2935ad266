import { readFile } from 'node:fs/promises';
import { connectedSockets } from '@bough/core/limits/connected-sockets.ts';

/** Whether anybody is connected to a unix socket at one of these paths, or waits to be. */
export async function hasConnections(paths: ReadonlySet<string>): Promise<boolean> {
  return !connectedSockets(await readFile('/proc/net/unix', 'utf8')).isDisjointFrom(paths);
}
