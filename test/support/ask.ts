import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** Asks Caddy for a path of a host, and gives the answer as soon as it begins: its body is read by who asked. */
export async function ask(host: string, path: string): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port: 8080, path, headers: { host } }).end();
  const [incoming] = await once(sent, 'response', { signal: AbortSignal.timeout(20_000) });
  return incoming;
}
