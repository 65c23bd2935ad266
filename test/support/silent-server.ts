import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A server that takes connections and never says anything, as a forge that hangs. */
export interface SilentServer extends AsyncDisposable {
  readonly port: number;
  /** Every connection it was asked for, also those that are closed by now. */
  readonly connections: readonly Socket[];
}

/** Starts one on a port of its own. */
export async function startSilentServer(): Promise<SilentServer> {
  const connections: Socket[] = [];
  const server = createServer((socket) => connections.push(socket.on('error', () => undefined)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return {
    port: address.port,
    connections,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy();
      server.close();
    },
  };
}
