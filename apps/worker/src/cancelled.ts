/** Why a running job is stopped before its end. */
export type CancelReason =
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'superseded'; readonly by: string }
  | { readonly kind: 'gone'; readonly why: string }
  | {
      readonly kind: 'cancelled';
      readonly by: string;
      readonly why: string;
      /** Settled once the commit is held: the job does not end before. */
      readonly held: Promise<void>;
    };

/** The reason of a job's AbortSignal. It is no failure: the consumers of the queues turn it into an outcome. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  readonly reason: CancelReason;

  constructor(reason: CancelReason) {
    super(`cancelled: ${reason.kind}`);
    this.reason = reason;
  }
}

/** Why a signal was aborted, where we aborted it. */
export function cancelReason(signal: AbortSignal): CancelReason | null {
  return signal.aborted && signal.reason instanceof Cancelled ? signal.reason.reason : null;
}
