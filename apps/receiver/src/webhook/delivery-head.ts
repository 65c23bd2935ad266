import { forges } from '@bough/core/forge/forges.ts';
import { type Headers, type Proof, readProof } from '@bough/core/forge/proof.ts';
import type { Webhook } from './webhook.ts';

/** What the address and the headers of a request say it is. Nothing of it was proved or checked. */
export interface DeliveryHead {
  readonly project: string;
  /** `null`: there is no such webhook. */
  readonly webhook: Webhook | null;
  /** `null`: there is none, or it is malformed. */
  readonly proof: Proof | null;
  readonly id: string | undefined;
  readonly event: string | undefined;
}

/** Reads them as the project's forge names them. */
export function readHead(project: string, webhook: Webhook | null, headers: Headers): DeliveryHead {
  const { verifications, deliveryHeaders, eventHeader } = webhook?.adapter ?? forges.github;
  const proof = readProof(verifications, headers);
  const first = (names: readonly string[]): string | undefined =>
    names.map((name) => headers[name]).find((value) => typeof value === 'string');
  return {
    project,
    webhook,
    proof,
    // One that is signed with the body is the delivery's, whatever the headers that are not.
    id: proof?.scheme === 'standard-webhooks' ? proof.id : first(deliveryHeaders),
    event: first([eventHeader]),
  };
}
