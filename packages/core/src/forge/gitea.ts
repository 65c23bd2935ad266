import * as z from 'zod';
import { Commit, isNoCommit } from '../commit.ts';
import type { ForgeAdapter } from './adapter.ts';
import type { ForgeEvent } from './event.ts';
import { forked, otherEvent } from './not-for-us.ts';
import { parseBody } from './parse-body.ts';
import { deleted, fromPullRequest } from './github.ts';
import { refUpdated } from './ref-update.ts';

const Push = z.looseObject({
  ref: z.string().startsWith('refs/'),
  before: Commit,
  after: Commit,
  head_commit: z.looseObject({ message: z.string() }).nullish(),
});

const Ref = z.looseObject({ ref: z.string().min(1), ref_type: z.string().min(1) });

/**
 * Gitea (https://docs.gitea.com/usage/webhooks). It never says that a push was forced, so its lists of files prove nothing. Its
 * button "Redeliver" gives the same body a new id (models/webhook/hooktask.go).
 */
export const gitea: ForgeAdapter = {
  title: 'Gitea',
  deliveryHeaders: ['x-gitea-delivery'],
  identity: 'content',
  eventHeader: 'x-gitea-event',
  verifications: [{ scheme: 'hmac-sha256', header: 'x-gitea-signature', prefix: '' }],
  parse: (eventName, body) => [parseGiteaEvent('Gitea', eventName, body)],
};

/** What a delivery of Gitea, or of `forge` which follows it, says. */
export function parseGiteaEvent(forge: string, eventName: string, body: unknown): ForgeEvent {
  switch (eventName) {
    case 'push':
      return pushed(parseBody(Push, forge, eventName, body));
    case 'delete':
      return deleted(parseBody(Ref, forge, eventName, body));
    case 'create':
      return { kind: 'ignored', reason: 'the push event tells of new branches too' };
    case 'pull_request':
      return fromPullRequest(body);
    case 'fork':
      return forked;
    default:
      return otherEvent(eventName);
  }
}

function pushed({ ref, before, after, head_commit: head }: z.infer<typeof Push>): ForgeEvent {
  if (before === after) return { kind: 'ping' }; // the button "Test Delivery" pushes the head onto itself
  return refUpdated({
    ref,
    after,
    created: isNoCommit(before),
    forced: false,
    message: head?.message ?? '',
    files: () => ({ unproven: 'the forge does not tell a forced push from another' }),
  });
}
