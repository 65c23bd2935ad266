/**
 * The paths of unix sockets that somebody is connected to, or waits to be, from the text of `/proc/net/unix`; see proc(5).
 * A connection bears the path of the socket it came in by; the socket that listens has the flag __SO_ACCEPTCON.
 */
export function connectedSockets(table: string): Set<string> {
  const connected = new Set<string>();
  for (const line of table.split('\n')) {
    const [, flags, path] = /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) \S+ \S+ +\d+ (\/.*)$/.exec(line) ?? [];
    if (path !== undefined && flags !== acceptsConnections) connected.add(path);
  }
  return connected;
}

const acceptsConnections = '00010000';
