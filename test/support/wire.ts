import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A header as it goes over the wire: twice the same name is two headers. */
export type Header = readonly [name: string, value: string];

/** A connection, with all it was sent. */
export interface Connection {
  readonly socket: Socket;
  /** By an error or without. */
  readonly ended: Promise<void>;
  readonly received: () => string;
  /** The status of each answer so far. */
  readonly statuses: () => number[];
  /** The body of the last answer. */
  readonly body: () => Record<string, unknown>;
}

/** Opens a connection to an address and writes, byte for byte. Where `halfOpen`, it stays open when the other side ends. */
export async function dial(
  url: string,
  texts: readonly (string | Buffer)[] = [],
  { halfOpen = false } = {},
): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: halfOpen });
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  socket.on('close', () => end());
  await once(socket, 'connect');
  for (const text of texts) socket.write(text);
  return {
    socket,
    ended,
    received: () => received,
    statuses: () => [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
    body: () => JSON.parse(received.slice(received.lastIndexOf('\r\n\r\n'))),
  };
}

/** The head of a delivery and the empty line after it. The length is that of `body`, unless `headers` frame it otherwise. */
export function headOf(project: string, headers: readonly Header[], body: string | Uint8Array): string {
  const isFramed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  const all: readonly Header[] = [
    ['host', 'bough'],
    ...headers,
    ...(isFramed ? [] : [['content-length', String(Buffer.byteLength(body))] as const]),
  ];
  return `POST /webhooks/${project} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The whole of a delivery. Headers are written a byte for each character. */
export function onWire(project: string, headers: readonly Header[], body: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(headOf(project, headers, body), 'latin1'), Buffer.from(body)]);
}

/** A body in so many chunks, or one for each byte where it has fewer, with the end of it. */
export function inChunks(body: string | Uint8Array, chunks: number): Buffer {
  const whole = Buffer.from(body);
  const bytes = Math.ceil(whole.length / chunks);
  const parts: Buffer[] = [];
  for (let from = 0; from < whole.length; from += bytes) {
    const chunk = whole.subarray(from, from + bytes);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
