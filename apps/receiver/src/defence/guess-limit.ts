import type { Logger } from 'pino';
import { createRefusalBudget } from './refusal-budget.ts';

/** Bounds how often an address may try a password. */
export type GuessLimit = ReturnType<typeof createGuessLimit>;

/**
 * Only wrong passwords are counted, and with as many as a minute may have the address has to wait, whatever it brings: whoever
 * were let in with the right one could go on guessing. A forge's address has no more than others.
 */
export function createGuessLimit({ perMinute, log }: { perMinute: number; log: Logger }) {
  const budget = createRefusalBudget({ perMinute, now: () => performance.now() });
  let quietUntil = 0;
  return {
    /** Seconds until a password is looked at again; 0: at once. */
    waitSec: (address: string): number => budget.waitSec(address),

    wrong(address: string): void {
      if (!budget.spend(address) || performance.now() < quietUntil) return;
      quietUntil = performance.now() + 60_000;
      log.warn({ source: address }, 'an address tried too many wrong passwords and is answered 429');
    },
  };
}
