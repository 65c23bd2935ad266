/** Runs one piece of work at a time per key, in the order asked for. */
export type Serialise = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** A set of queues, one per key, that lives as long as its work. A failure does not hold up what comes after it. */
export function createSerialise(): Serialise {
  const tails = new Map<string, Promise<void>>();

  return async (key, work) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(work);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    tails.set(key, settled);
    try {
      return await result;
    } finally {
      if (tails.get(key) === settled) tails.delete(key);
    }
  };
}
