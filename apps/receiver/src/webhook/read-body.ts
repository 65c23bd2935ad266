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

const MiB = 1_048_576;
/**
 * While all bodies together hold so much, no more is read of a large one, of any, and of one from where a forge is known: so
 * most deliveries are taken whatever large bodies come, and those of known forges whatever others send.
 */
const heldAtMost = { large: 64 * MiB, any: 80 * MiB, known: 96 * MiB };

/** What is known of a body before it is read. */
export interface Announced {
  /** How many it says it has; NaN where it does not. */
  readonly bytes: number;
  /** Whether something well signed came from its address of late. */
  readonly isKnown: boolean;
}

/**
 * Reads bodies whole, for the signature is over all of a body. What all of them hold together is bounded: nothing is
 * known of a sender until its body is there. The function made throws with a `statusCode` of 413 or 503, and then leaves
 * the rest of the body unread.
 */
export function createReadBody(limitBytes: number) {
  let held = 0;

  return async function readBody(payload: Readable, { bytes, isKnown }: Announced): Promise<Buffer> {
    if (bytes > limitBytes) throw new BodyRefused(413, 'the body is too large');
    const most = Number.isNaN(bytes) ? limitBytes : bytes;
    let room: Buffer = Buffer.alloc(0);
    let size = 0;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Put one behind the other: a chunk may be a byte, and as an object of its own takes a hundred times that.
    const take = (chunk: Buffer) => {
      const whole = size + chunk.length;
      if (whole > limitBytes) return refuse(413, 'the body is too large');
      const grown = size === 0 ? chunk.length : grownTo(whole, room.length, most);
      const bound = isKnown ? 'known' : whole > smallBody ? 'large' : 'any';
      if (held + grown - room.length > heldAtMost[bound]) return refuse(503, 'too many bodies at once');
      held += grown - room.length;
      if (size === 0)
        room = chunk; // most come as one, which is not copied
      else {
        if (grown > room.length) room = moved(room, grown);
        chunk.copy(room, size);
      }
      size = whole;
    };
    const refuse = (statusCode: number, message: string) => {
      payload.off('data', take);
      reject(new BodyRefused(statusCode, message));
    };
    // Every body closes, and an error nobody sees costs its stack.
    const breakOff = () =>
      void (payload.readableEnded || reject(new BodyRefused(400, 'the connection ended within the body')));
    payload.on('data', take).once('end', resolve).on('error', reject).once('close', breakOff);
    try {
      await promise;
      return room.subarray(0, size);
    } finally {
      held -= room.length;
      payload.off('data', take).off('close', breakOff);
      if (!payload.readableEnded) payload.pause(); // not destroyed: an answer is to go out over the same connection
    }
  };
}

/** How much room to have for `whole` bytes of at `most`: twice as much where it has to grow, not what is only announced. */
function grownTo(whole: number, room: number, most: number): number {
  return whole <= room ? room : Math.max(whole, Math.min(2 * whole, most));
}

/** Not filled with zeroes: what no byte comes to takes no memory. */
function moved(bytes: Buffer, to: number): Buffer {
  const room = Buffer.allocUnsafeSlow(to);
  bytes.copy(room);
  return room;
}
