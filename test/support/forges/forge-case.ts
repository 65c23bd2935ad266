import type { SaidEvent } from '../said-event.ts';

/** What every forge is asked to send, if it can. */
export const caseNames = [
  'create',
  'update',
  'force',
  'delete',
  'tag',
  'tag-delete',
  'many',
  'ping',
  'opened',
  'updated',
  'merged',
  'declined',
  'fork',
  'fork-opened',
  'skip-message',
  'other',
] as const;
export type CaseName = (typeof caseNames)[number];

/** A delivery as its forge documents it: every field of the page it follows, the values our own. */
export interface ForgeCase {
  readonly event: string;
  /** The page, or the forge's own source, that says what is in it. */
  readonly follows: string;
  /** Headers that come with this kind alone. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** What it says. */
  readonly says: readonly SaidEvent[];
  /** What the receiver answers; the reason too, where there is one. */
  readonly answer: { readonly status: number; readonly outcome: string; readonly reason?: string };
}

/** What comes of one thing done at the forge: a delivery, several, or `never`, which says why none does. */
export type ForgeCases = Readonly<Record<CaseName, ForgeCase | readonly ForgeCase[] | { readonly never: string }>>;

/** What a forge writes into the headers of one delivery. */
export interface Sent {
  readonly event: string;
  readonly delivery: string;
  readonly secret: string;
  readonly body: string | Uint8Array;
}

/** A forge as it is seen from outside. */
export interface ForgeStandIn {
  readonly cases: ForgeCases;
  /** Every header it sends with each delivery. */
  readonly headers: (sent: Sent) => Record<string, string>;
  /** What a person's "send again" changes: the id it has then. */
  readonly redelivered: (delivery: string) => string;
}
