import type { Actions } from './actions.ts';

/** What a last look that began within the time may take beyond it: two commands of systemd, of less than a minute each with their end. */
const lastLookSec = 300;

/**
 * Waits for what `work` waits for, which shows in `actions` until then. `withinMs` is the deadline `work` keeps by itself: it is far
 * beyond that when it counts as stuck.
 */
export async function waitFor<T>(
  actions: Pick<Actions, 'begin'> | undefined,
  what: string,
  withinMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const ended = actions?.begin(`waiting for ${what}`, withinMs / 1_000 + lastLookSec);
  try {
    return await work();
  } finally {
    ended?.();
  }
}
