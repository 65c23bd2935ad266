import { ServerResponse, STATUS_CODES } from '@bough/host/node-http.ts';
import type { Socket } from 'node:net';

const rejections: Record<string, readonly [status: number, reason: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request was not there whole in time'],
  HPE_HEADER_OVERFLOW: [431, 'the headers are too large'],
};

/**
 * Answers what Node itself refuses, as all else is answered, and ends the connection. Nothing is written where that would be
 * read as the answer to a request before it, or as more of one: Node has no request for what it could not read.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  const [status, reason] = rejections[error.code ?? ''] ?? [400, 'this is no request of HTTP'];
  if (socket.writable && !isTaken(socket)) {
    const body = JSON.stringify({ outcome: 'rejected', reason });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy(error);
}

/** Whether the next answer is that to a request which is there whole, or has begun. Node's own handler asks the same field. */
function isTaken(socket: Socket): boolean {
  const next: unknown = Reflect.get(socket, '_httpMessage');
  return next instanceof ServerResponse && (next.headersSent || next.req.complete);
}
