import { readFile } from 'node:fs/promises';

/**
 * Whether anybody is connected to a unix socket at one of these paths, or waits to be. What was accepted goes by the path of
 * the socket it came to; the table is `unix_seq_show` of the kernel: Num RefCount Protocol Flags Type St Inode Path.
 */
export async function hasConnections(paths: ReadonlySet<string>): Promise<boolean> {
  const rows = (await readFile('/proc/net/unix', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  return rows.some(([, , , , , state = '', , path = '']) => isConnected(state) && paths.has(path));
}

/** SS_CONNECTING: nobody has accepted it yet. SS_CONNECTED. A socket that only listens is SS_UNCONNECTED. */
function isConnected(state: string): boolean {
  return state === '02' || state === '03';
}
