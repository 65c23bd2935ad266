import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { Logger } from 'pino';
import { type Answer, rejected } from '../webhook/answer.ts';
import { createAddressList } from './address-list.ts';
import { createRecentAddresses } from './recent-addresses.ts';
import { createRefusalBudget } from './refusal-budget.ts';
import { createSuspects } from './suspects.ts';

/** Looks at where a request comes from before anything of it is read. */
export type Guard = ReturnType<typeof createGuard>;

export interface GuardOptions {
  readonly allowFrom: readonly string[] | undefined;
  readonly refusalsPerMinute: number;
  readonly log: Logger;
}

const mostRemembered = 1_000;

/** The answer to whom was refused too often. */
export const tooMany: Answer = rejected(429, 'too many requests from this address were refused; wait a minute');

/**
 * Turns away who is not on the list, where there is one, and bounds what is done for who was refused too often. An address a well
 * signed delivery came from of late is never held back as a forge, nor is one on the list, and one a good token came from never
 * as a client of the API: each is let in whatever others do behind the same address.
 */
export function createGuard({ allowFrom, refusalsPerMinute, log }: GuardOptions) {
  const isAllowed = allowFrom === undefined ? null : createAddressList(allowFrom);
  const budget = createRefusalBudget({ perMinute: refusalsPerMinute, now: () => performance.now() });
  const forges = createRecentAddresses();
  const clients = createRecentAddresses();
  let quietUntil = 0;
  const knows = (address: string): boolean => isAllowed !== null || forges.has(address);

  return {
    /** Why no delivery from there is looked at; `null` to go on. Who goes on being told so is soon not worth a line in the log. */
    refusal(address: string): Answer | null {
      if (isAllowed === null || isAllowed(address)) return null;
      return budget.waitSec(address) > 0 ? tooMany : rejected(403, 'deliveries are not taken from this address');
    },

    /** Whether a delivery from there has to show first that it is signed well: too much from there was not. */
    suspects: (address: string): boolean => !knows(address) && budget.waitSec(address) > 0,

    /** Whether it is one deliveries come from: on the list, or a well signed one came from there of late. */
    knows,

    /** Bounds what is read of such deliveries. */
    suspected: createSuspects(),

    /** Whether no request from there to the API is looked at: too many were refused. */
    exhausted: (address: string): boolean => !clients.has(address) && budget.waitSec(address) > 0,

    /** A delivery from there was signed well. */
    delivered: (address: string): void => forges.add(address),

    /** A request to the API came from there with a good token. */
    recognised: (address: string): void => clients.add(address),

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
        for (const address of (await ledger.sources(mostRemembered)).toReversed()) forges.add(address);
      } catch (err) {
        log.warn({ err }, 'the ledger cannot be read: which addresses are known is learnt anew');
      }
    },
  };
}
