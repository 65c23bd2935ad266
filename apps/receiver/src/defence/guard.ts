import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { Logger } from 'pino';
import { type Answer, rejected } from '../webhook/answer.ts';
import { createAddressList } from './address-list.ts';
import { createRefusalBudget } from './refusal-budget.ts';

/** Looks at where a delivery comes from before anything of it is read. */
export type Guard = ReturnType<typeof createGuard>;

export interface GuardOptions {
  readonly allowFrom: readonly string[] | undefined;
  readonly refusalsPerMinute: number;
  readonly log: Logger;
}

const mostKnown = 1_000;

/**
 * Turns away who is not on the list, where there is one, and who was refused too often. An address a well signed delivery
 * came from is never turned away for the latter, nor is one on the list: the forge is let in whatever others do behind
 * the same address.
 */
export function createGuard({ allowFrom, refusalsPerMinute, log }: GuardOptions) {
  const isAllowed = allowFrom === undefined ? null : createAddressList(allowFrom);
  const budget = createRefusalBudget({ perMinute: refusalsPerMinute, now: () => performance.now() });
  const forges = new Set<string>();
  let quietUntil = 0;

  return {
    /** Why nothing of a request from there is to be looked at; `null` to go on. */
    refusal(address: string): Answer | null {
      if (isAllowed !== null)
        return isAllowed(address) ? null : rejected(403, 'deliveries are not taken from this address');
      if (forges.has(address) || budget.waitSec(address) === 0) return null;
      return rejected(429, 'too many requests from this address were refused; wait a minute');
    },

    /** Whether too much from there was refused, for those whom no list names. */
    exhausted: (address: string): boolean => !forges.has(address) && budget.waitSec(address) > 0,

    /** A delivery from there was signed well, or a request came with a good token. */
    delivered(address: string): void {
      if (forges.size < mostKnown) forges.add(address);
    },

    refused(address: string): void {
      if (!budget.spend(address) || performance.now() < quietUntil) return;
      quietUntil = performance.now() + 60_000;
      log.warn(
        { source: address },
        'an address was refused too often and is answered 429; the ledger counts all of them',
      );
    },

    /** Those whose deliveries are on record are known from the start. */
    async remember(ledger: Pick<Ledger, 'sources'>): Promise<void> {
      try {
        for (const address of await ledger.sources(mostKnown)) forges.add(address);
      } catch (err) {
        log.warn({ err }, 'the ledger cannot be read: which addresses are known is learnt anew');
      }
    },
  };
}
