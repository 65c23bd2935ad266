import type { ForgeEvent } from './event.ts';
import type { Verification } from './proof.ts';

/** What is particular to one forge. Names of headers are in lower case. */
export interface ForgeAdapter {
  /** The forge as people call it. */
  readonly title: string;
  /** The headers that may hold the delivery's id, the one that stays the same when it is sent again first. */
  readonly deliveryHeaders: readonly string[];
  /**
   * By what a delivery that is sent again is known: by its id, or by what it holds, where the forge gives each sending an id of
   * its own.
   */
  readonly identity: 'id' | 'content';
  readonly eventHeader: string;
  /** How it proves that a delivery is its own. The first one whose header is there counts; no other rescues a wrong one. */
  readonly verifications: readonly Verification[];
  /** What it sends unsigned to try the webhook, also where a secret is set: the event, and the JSON without blanks. */
  readonly unsignedTest?: { readonly event: string; readonly body: string };
  /**
   * What a delivery says: one event for each ref it names, and at least one. `eventName` is the event header, `body` the
   * parsed JSON, of which only the few fields needed are looked at.
   * @throws AppError DELIVERY_INVALID where one of them is missing or of another type
   */
  readonly parse: (eventName: string, body: unknown) => readonly ForgeEvent[];
}
