/** Runs one piece of work at a time per key, in the order asked for. */
export interface Serialise {
  <T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Whether work of the key runs or waits. */
  readonly isBusy: (key: string) => boolean;
}

/** A set of lanes, one per key, that lives as long as its work. A failure does not hold up what comes after it. */
export function createSerialise(): Serialise {
  const tails = new Map<string, Promise<void>>();

  async function serialise<T>(key: string, work: () => Promise<T>): Promise<T> {
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
  }

  return Object.assign(serialise, { isBusy: (key: string) => tails.has(key) });
}
