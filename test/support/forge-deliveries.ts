import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ForgeEvent, TouchedFiles } from '@bough/core/forge/event.ts';
import { ForgeName } from '@bough/core/forge/forge-name.ts';

/** What every forge is asked to send, if it can. */
export const caseNames = [
  'create',
  'update',
  'force',
  'delete',
  'tag',
  'many',
  'ping',
  'opened',
  'updated',
  'closed',
  'fork',
  'fork-opened',
  'skip-message',
  'other',
] as const;

/** An event in plain data: with the files themselves. */
export type SaidEvent<Event = ForgeEvent> = Event extends { files: unknown }
  ? Omit<Event, 'files'> & { readonly files: TouchedFiles }
  : Event;

export function said(event: ForgeEvent | undefined): SaidEvent | undefined {
  return event?.kind === 'push' ? { ...event, files: event.files() } : event;
}

/** A delivery as its forge documents it, composed of the fields that matter. */
export interface ForgeCase {
  readonly event: string;
  readonly body: unknown;
  /** What it says. */
  readonly says: readonly SaidEvent[];
  /** What the receiver answers; the reason too, where there is one. */
  readonly answer: { readonly status: number; readonly outcome: string; readonly reason?: string };
}

/** All cases of a forge; `never` says why there is no such delivery. */
export type ForgeCases = Readonly<Record<string, ForgeCase | { readonly never: string }>>;

/** Reads `test/fixtures/forges/<forge>.json`. */
export function readForgeCases(forge: ForgeName): ForgeCases {
  return JSON.parse(readFileSync(new URL(`../fixtures/forges/${forge}.json`, import.meta.url), 'utf8'));
}

/** Every delivery of every forge, with its name. */
export function allForgeCases(): { forge: ForgeName; name: string; sent: ForgeCase }[] {
  return ForgeName.options.flatMap((forge) =>
    Object.entries(readForgeCases(forge)).flatMap(([name, sent]) => ('never' in sent ? [] : [{ forge, name, sent }])),
  );
}

/** What a forge writes into the headers of one delivery. */
export interface Sent {
  readonly event: string;
  readonly delivery: string;
  readonly secret: string;
  readonly body: string | Uint8Array;
}

/** The secret of a forge's project in the tests; of GitLab one to sign with and one to send. */
export const signingSecret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

/** Every header a forge sends that identifies or proves a delivery. A secret that starts with `whsec_` signs for GitLab. */
export function forgeHeaders(forge: ForgeName, { event, delivery, secret, body }: Sent): Record<string, string> {
  const hex = createHmac('sha256', secret).update(body).digest('hex');
  const json = { 'content-type': 'application/json' };
  switch (forge) {
    case 'github':
      return {
        ...json,
        'x-github-event': event,
        'x-github-delivery': delivery,
        'x-hub-signature-256': `sha256=${hex}`,
      };
    case 'gitlab':
      return { ...json, 'x-gitlab-event': event, ...gitlabProof(delivery, secret, body) };
    case 'gitea':
      return { ...json, 'x-gitea-event': event, 'x-gitea-delivery': delivery, 'x-gitea-signature': hex };
    case 'forgejo':
      return {
        ...json,
        'x-forgejo-event': event,
        'x-forgejo-delivery': delivery,
        'x-forgejo-signature': hex,
        'x-gitea-event': event,
        'x-gitea-delivery': delivery,
        'x-gitea-signature': hex,
      };
    case 'bitbucket':
      return {
        ...json,
        'x-event-key': event,
        'x-request-uuid': delivery,
        'x-hook-uuid': 'b7a0b7c2-0000-4000-8000-000000000009',
        'x-attempt-number': '1',
        'x-hub-signature': `sha256=${hex}`,
      };
    case 'bitbucket-data-center':
      return { ...json, 'x-event-key': event, 'x-request-id': delivery, 'x-hub-signature': `sha256=${hex}` };
    case 'git':
      return { ...json, 'x-bough-event': event, 'x-bough-delivery': delivery, 'x-bough-signature': `sha256=${hex}` };
  }
}

/** GitLab's headers for one time, which it puts in seconds. */
export function gitlabProof(
  delivery: string,
  secret: string,
  body: string | Uint8Array,
  now = Math.floor(Date.now() / 1000),
): Record<string, string> {
  const ids = { 'idempotency-key': delivery, 'x-gitlab-event-uuid': 'c1d2e3f4-0000-4000-8000-000000000001' };
  if (!secret.startsWith('whsec_')) return { ...ids, 'x-gitlab-token': secret };
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const digest = createHmac('sha256', key).update(`${delivery}.${now}.`).update(body).digest('base64');
  return { ...ids, 'webhook-id': delivery, 'webhook-timestamp': String(now), 'webhook-signature': `v1,${digest}` };
}
