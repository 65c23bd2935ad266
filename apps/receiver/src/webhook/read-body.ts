import type { Readable } from 'node:stream';

/** Why a body was not read. Fastify answers with `statusCode`. */
class BodyRefused extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** Bytes. Pushes are a few kilobytes. */
export const smallBody = 262_144;
// With so much held, small bodies are read still, and so most deliveries taken.
const heldAtMost = 134_217_728;

/**
 * Reads bodies whole, for the signature is over all of a body. What all of them hold together is bounded: nothing is
 * known of a sender until its body is there. The function made throws with a `statusCode` of 413 or 503, and then leaves
 * the rest of the body unread.
 */
export function createReadBody(limitBytes: number) {
  let held = 0;

  return async function readBody(payload: Readable, announced: number): Promise<Buffer> {
    if (announced > limitBytes) throw new BodyRefused(413, 'the body is too large');
    const chunks: Buffer[] = [];
    let size = 0;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const take = (chunk: Buffer) => {
      size += chunk.length;
      held += chunk.length;
      if (size > limitBytes) return reject(new BodyRefused(413, 'the body is too large'));
      if (held > heldAtMost && size > smallBody) return reject(new BodyRefused(503, 'too many large bodies at once'));
      chunks.push(chunk);
    };
    // Every body closes, and an error nobody sees costs its stack.
    const breakOff = () =>
      void (payload.readableEnded || reject(new BodyRefused(400, 'the connection ended within the body')));
    payload.on('data', take).once('end', resolve).on('error', reject).once('close', breakOff);
    try {
      await promise;
      return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
    } finally {
      held -= size;
      payload.off('data', take).off('close', breakOff);
      if (!payload.readableEnded) payload.pause(); // not destroyed: an answer is to go out over the same connection
    }
  };
}
