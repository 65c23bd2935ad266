import type { Actions } from './progress/actions.ts';

/** Runs one piece of work at a time per key, in the order asked for. */
export interface Serialise {
  <T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Whether work of the key runs or waits. */
  readonly isBusy: (key: string) => boolean;
}

/** Longer than any job: who waits in one has the limit of that, and so has who is ahead. See `jobLimitSec`. */
const turnSec = 7 * 86_400;

/**
 * A set of lanes, one per key, that lives as long as its work. A failure does not hold up what comes after it. Whoever has to
 * wait is noted in `actions` as waiting for what `describe` says; with `needsRedis` the work ahead may itself wait for Redis.
 */
export function createSerialise(
  actions?: Pick<Actions, 'begin'>,
  describe: (key: string) => string = (key) => key,
  { needsRedis = false }: { readonly needsRedis?: boolean } = {},
): Serialise {
  const tails = new Map<string, Promise<void>>();
  const waiting = (key: string) => actions?.begin(`waiting for ${describe(key)}`, turnSec, { needsRedis });

  async function serialise<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = tails.get(key);
    const ended = before === undefined ? undefined : waiting(key);
    const result = (before ?? Promise.resolve()).then(async () => {
      ended?.();
      return await work();
    });
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
