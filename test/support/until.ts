import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `condition` gives something other than `false`, `null` or `undefined`, and returns that. The deadline holds
 * for a condition that does not answer as well; what it was at goes on, and nobody looks at it any more.
 */
export async function until<T>(
  what: string,
  condition: () => T | false | null | undefined | Promise<T | false | null | undefined>,
  deadlineMs = 30_000,
): Promise<T> {
  const began = performance.now();
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => undefined); // of a condition that throws nobody waits for the deadline
  const timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`)), deadlineMs);
  try {
    for (;;) {
      const value = await Promise.race([condition(), late]);
      if (value !== false && value !== null && value !== undefined) return value;
      await Promise.race([sleep(pauseMs(performance.now() - began)), late]);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The longer it has taken, the less often it is asked: what is asked works for the answer, beside what is waited for. */
const pauseMs = (waitedMs: number): number => Math.min(Math.max(waitedMs / 20, 10), 200);
