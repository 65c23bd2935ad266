import type { Actions } from './progress/actions.ts';
import { createSerialise } from './serialise.ts';

/**
 * Does something for a key one run at a time, and for all who ask while one is under way the next together: that begins only then,
 * so it has seen what they saw. Whoever waits is noted in `actions` as waiting for what `describe` says.
 */
export function createSharedTurns<T>(
  work: (key: string) => Promise<T>,
  actions: Pick<Actions, 'begin'> | undefined,
  describe: (key: string) => string,
): (key: string) => Promise<T> {
  const serialise = createSerialise(actions, describe);
  const next = new Map<string, Promise<T>>();

  return (key) => {
    const known = next.get(key);
    if (known !== undefined) return known;
    const run = serialise(key, () => {
      next.delete(key);
      return work(key);
    });
    next.set(key, run);
    return run;
  };
}
