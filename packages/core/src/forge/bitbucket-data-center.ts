import * as z from 'zod';
import { Commit } from '../commit.ts';
import type { ForgeAdapter } from './adapter.ts';
import type { ForgeEvent } from './event.ts';
import { listOf } from './list-of.ts';
import { forked, otherEvent, pullRequest } from './not-for-us.ts';
import { parseBody } from './parse-body.ts';
import { refDeleted, refUpdated } from './ref-update.ts';

const Change = z.looseObject({
  refId: z.string().startsWith('refs/'),
  toHash: Commit,
  type: z.enum(['ADD', 'UPDATE', 'DELETE']),
});

const Push = z.looseObject({
  changes: listOf(Change),
  toCommit: z.looseObject({ id: z.string(), message: z.string() }).nullish().catch(null),
});

const side = z.looseObject({ repository: z.looseObject({ id: z.number() }) });
const PullRequest = z.looseObject({ pullRequest: z.looseObject({ fromRef: side, toRef: side }) });

/** Bitbucket Data Center (https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html). */
export const bitbucketDataCenter: ForgeAdapter = {
  title: 'Bitbucket Data Center',
  deliveryHeaders: ['x-request-id'],
  identity: 'id',
  eventHeader: 'x-event-key',
  verifications: [{ scheme: 'hmac-sha256', header: 'x-hub-signature', prefix: 'sha256=' }],
  unsignedTest: { event: 'diagnostics:ping', body: '{"test":true}' }, // "Test connection"
  parse(eventName, body) {
    switch (eventName) {
      case 'diagnostics:ping':
        return [{ kind: 'ping' }];
      case 'repo:refs_changed':
        return pushed(parseBody(Push, bitbucketDataCenter.title, eventName, body));
      case 'repo:forked':
        return [forked];
      default:
        return [eventName.startsWith('pr:') ? fromPullRequest(body) : otherEvent(eventName)];
    }
  },
};

function pushed({ changes, toCommit }: z.infer<typeof Push>): readonly ForgeEvent[] {
  if (changes.length === 0) return [{ kind: 'ignored', reason: 'the push names no ref' }];
  return changes.map(({ refId: ref, toHash: after, type }) =>
    type === 'DELETE'
      ? refDeleted(ref)
      : refUpdated({
          ref,
          after,
          created: type === 'ADD',
          forced: false,
          message: toCommit?.id === after ? toCommit.message : '',
          files: () => ({ unproven: 'the forge does not say which files a push touched' }),
        }),
  );
}

function fromPullRequest(body: unknown): ForgeEvent {
  const { fromRef, toRef } = PullRequest.safeParse(body).data?.pullRequest ?? {};
  return pullRequest(fromRef?.repository.id, toRef?.repository.id);
}
