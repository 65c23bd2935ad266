import * as z from 'zod';
import { Commit } from '../commit.ts';
import type { ForgeAdapter } from './adapter.ts';
import type { ForgeEvent } from './event.ts';
import { listOf } from './list-of.ts';
import { forked, otherEvent, pullRequest } from './not-for-us.ts';
import { parseBody } from './parse-body.ts';
import { refDeleted, refUpdated } from './ref-update.ts';

const Ref = z.looseObject({ type: z.string(), name: z.string().min(1) });
const Head = Ref.extend({ target: z.looseObject({ hash: Commit, message: z.string().default('') }) });

const Change = z
  .looseObject({
    old: Ref.nullable().default(null),
    new: Head.nullable().default(null),
    forced: z.boolean().default(false),
  })
  .refine((change) => change.old !== null || change.new !== null, 'must have an old or a new ref');

const Push = z.looseObject({ push: z.looseObject({ changes: listOf(Change) }) });

const side = z.looseObject({ repository: z.looseObject({ full_name: z.string() }).nullish() });
const PullRequest = z.looseObject({ pullrequest: z.looseObject({ source: side, destination: side }) });

/** Bitbucket Cloud (https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/). One delivery may carry many refs. */
export const bitbucket: ForgeAdapter = {
  title: 'Bitbucket',
  deliveryHeaders: ['x-request-uuid'],
  identity: 'id',
  eventHeader: 'x-event-key',
  verifications: [{ scheme: 'hmac-sha256', header: 'x-hub-signature', prefix: 'sha256=' }],
  parse(eventName, body) {
    if (eventName === 'repo:push') {
      const { changes } = parseBody(Push, bitbucket.title, eventName, body).push;
      return changes.length === 0 ? [{ kind: 'ignored', reason: 'the push names no ref' }] : changes.map(changed);
    }
    if (eventName === 'repo:fork') return [forked];
    if (!eventName.startsWith('pullrequest:')) return [otherEvent(eventName)];
    const { source, destination } = PullRequest.safeParse(body).data?.pullrequest ?? {};
    return [pullRequest(source?.repository?.full_name, destination?.repository?.full_name)];
  },
};

function changed({ old, new: head, forced }: z.infer<typeof Change>): ForgeEvent {
  if (head === null) return refDeleted(old === null ? '' : fullName(old));
  return refUpdated({
    ref: fullName(head),
    after: head.target.hash,
    created: old === null,
    forced,
    message: head.target.message,
    files: () => ({ unproven: 'the forge does not say which files a push touched' }),
  });
}

/** Bitbucket tells kinds of refs apart by `type`, and names them without it. */
function fullName({ type, name }: z.infer<typeof Ref>): string {
  return type === 'branch' ? `refs/heads/${name}` : type === 'tag' ? `refs/tags/${name}` : `${type}/${name}`;
}
