import { smallBody } from '../webhook/read-body.ts';

const mostAtOnce = 8; // of an address

/**
 * Reads on for addresses that were refused too often: a forge may be behind the same address, or be used by somebody to send
 * what is signed wrongly. Only small bodies are worth it, and only a few at a time, or a large one alone that says its length;
 * whoever signs it well is let in.
 */
export function createSuspects() {
  const reading = new Map<string, number>();
  return {
    /** Whether a body of so many bytes may be read now. If so, `done` has to be told. */
    begin(address: string, bytes: number): boolean {
      const now = reading.get(address) ?? 0;
      const isOneLarge = now === 0 && bytes > 0; // NaN: it does not say how many
      if (!(bytes <= smallBody || isOneLarge) || now >= mostAtOnce) return false;
      reading.set(address, now + 1);
      return true;
    },

    done(address: string): void {
      const left = (reading.get(address) ?? 0) - 1;
      if (left > 0) reading.set(address, left);
      else reading.delete(address);
    },
  };
}
