import type { BranchLine } from '@bough/core/ledger/delivery-line.ts';
import { printable } from '@bough/core/text/printable.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from './answer.ts';
import type { DeliveryHead } from './delivery-head.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request says it is. */
    delivery: DeliveryHead | null;
    /** What the forge was told, for the log and the ledger, and the failure behind it. */
    answer: Answer | null;
    failure: string | null;
    /** Whether the signature was found right. */
    isSigned: boolean;
    /** Whether too much from its address was not signed well: what is not either is answered 429. */
    isSuspect: boolean;
    /** The branches it told of, with what was asked of the queues or why nothing was. */
    told: readonly BranchLine[] | null;
  }
}

/** Of several refs; journald cuts a line at 48 KiB. */
const mostLogged = 100;

/**
 * The one line of a delivery in the log, and its line in the ledger. A request whose signature was not found right is
 * only counted there; one beyond its source's budget is left out of the log.
 */
export function recordDelivery(
  request: FastifyRequest,
  reply: FastifyReply,
  head: DeliveryHead & { readonly source: string },
  ledger: Pick<Ledger, 'delivered' | 'refused'>,
): void {
  const answer = reply.raw.writableFinished ? request.answer : null;
  const outcome = answer?.outcome ?? 'unanswered';
  const reason = answer === null ? 'the connection ended first' : answer.reason;
  const project = printable(head.project, 64);
  const delivery = head.id === undefined ? undefined : printable(head.id, 128);
  const event = head.event === undefined ? undefined : printable(head.event, 64);
  const ms = Math.round(reply.elapsedTime);
  if (answer?.status !== 429) {
    request.log.info(
      {
        forge: head.webhook?.settings.forge,
        delivery,
        project,
        event,
        source: head.source,
        status: answer?.status,
        outcome,
        reason,
        job: request.answer?.job,
        refs: request.answer?.refs?.slice(0, mostLogged),
        failure: request.failure ?? undefined,
        ms,
      },
      'delivery answered',
    );
  }

  const at = Date.now();
  const status = answer?.status ?? null;
  if (!request.isSigned) {
    ledger.refused({
      at,
      project,
      source: head.source,
      status,
      reason: request.failure ?? reason ?? outcome,
      count: 1,
    });
    return;
  }
  ledger.delivered({
    at,
    project,
    forge: head.webhook?.settings.forge ?? '',
    delivery: delivery ?? null,
    event: event ?? null,
    source: head.source,
    status,
    outcome,
    reason: reason ?? null,
    failure: request.failure,
    ms,
    branches: request.told ?? [],
  });
}
