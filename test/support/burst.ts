import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

/** What one request of a burst was answered; `ms` from its first byte to the answer's last. */
export interface BurstAnswer {
  readonly index: number;
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

export interface BurstOptions {
  readonly port: number;
  readonly connections: number;
  readonly count: number;
  /** The whole request, head and body, as it is written. */
  readonly request: (index: number) => Buffer;
}

/**
 * Sends requests over connections that are kept, each with one request under way. On bare sockets: an HTTP client would
 * take as much of the processors as what is measured. A connection that breaks fails the burst.
 */
export async function sendBurst(options: BurstOptions): Promise<{ answers: BurstAnswer[]; seconds: number }> {
  const { port, connections, count, request } = options;
  const answers: BurstAnswer[] = [];
  let next = 0;
  const began = performance.now();

  async function send(): Promise<void> {
    const sender = createSender(port);
    while (next < count) {
      const index = next++;
      answers.push({ index, ...(await sender.send(request(index))) });
    }
    sender.close();
  }

  await Promise.all(Array.from({ length: connections }, send));
  return { answers, seconds: (performance.now() - began) / 1_000 };
}

/** One connection that is kept, for one request at a time. */
export function createSender(port: number) {
  let socket: Socket | null = null;
  return {
    async send(request: Buffer): Promise<Omit<BurstAnswer, 'index'>> {
      if (socket === null || socket.destroyed) {
        socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
        await once(socket, 'connect');
      }
      const sent = performance.now();
      socket.write(request);
      const { status, body, isLast } = await readAnswer(socket);
      if (isLast) socket.destroy();
      return { status, body, ms: performance.now() - sent };
    },
    close: () => void socket?.destroy(),
  };
}

/** One answer with a length, as both servers that are measured send it. `isLast`: the server closes after it. */
async function readAnswer(socket: Socket): Promise<{ status: number; body: string; isLast: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string; isLast: boolean }>();
  let text = '';
  const onData = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/^content-length: *(\d+)\r$/im.exec(text.slice(0, head + 2))?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    const status = Number(text.slice(9, 12));
    resolve({ status, body: text.slice(head + 4), isLast: /^connection: *close\r$/im.test(text.slice(0, head + 2)) });
  };
  const onEnd = () => reject(new Error(`the connection ended within an answer: ${JSON.stringify(text)}`));
  socket.on('data', onData).once('error', reject).once('close', onEnd);
  try {
    return await promise;
  } finally {
    socket.off('data', onData).off('error', reject).off('close', onEnd);
  }
}
