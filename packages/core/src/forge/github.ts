import * as z from 'zod';
import { Commit } from '../commit.ts';
import type { ForgeAdapter } from './adapter.ts';
import type { ForgeEvent } from './event.ts';
import { listOf } from './list-of.ts';
import { forked, otherEvent, pullRequest } from './not-for-us.ts';
import { parseBody } from './parse-body.ts';
import { refDeleted, refUpdated } from './ref-update.ts';
import { PushedCommit, touchedFiles } from './touched-files.ts';

const Push = z.looseObject({
  ref: z.string().startsWith('refs/'),
  after: Commit,
  created: z.boolean().default(false),
  deleted: z.boolean().default(false),
  forced: z.boolean().default(false),
  head_commit: z.looseObject({ message: z.string() }).nullish(),
  /** Read only where the files matter: it is most of the body. */
  commits: z.unknown().optional(),
});
const Commits = listOf(PushedCommit).catch([]);

const Ref = z.looseObject({ ref: z.string().min(1), ref_type: z.string().min(1) });

const repository = z.looseObject({ full_name: z.string() }).nullish();
const PullRequest = z.looseObject({
  pull_request: z.looseObject({ head: z.looseObject({ repo: repository }), base: z.looseObject({ repo: repository }) }),
});

const limits = { commits: 2048, files: 3000 }; // what GitHub cuts its lists to

/** GitHub (https://docs.github.com/webhooks/webhook-events-and-payloads). */
export const github: ForgeAdapter = {
  title: 'GitHub',
  deliveryHeaders: ['x-github-delivery'],
  identity: 'id',
  eventHeader: 'x-github-event',
  verifications: [{ scheme: 'hmac-sha256', header: 'x-hub-signature-256', prefix: 'sha256=' }],
  parse: (eventName, body) => [parse(eventName, body)],
};

function parse(eventName: string, body: unknown): ForgeEvent {
  switch (eventName) {
    case 'ping':
      return { kind: 'ping' };
    case 'push':
      return pushed(parseBody(Push, github.title, eventName, body));
    case 'delete':
      return deleted(parseBody(Ref, github.title, eventName, body));
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

function pushed(push: z.infer<typeof Push>): ForgeEvent {
  const after = push.deleted ? '0'.repeat(push.after.length) : push.after;
  const files = () => touchedFiles({ ...push, commits: Commits.parse(push.commits) }, limits);
  return refUpdated({ ...push, after, message: push.head_commit?.message ?? '', files });
}

/** Short names, unlike those of pushes. */
export function deleted({ ref, ref_type: type }: z.infer<typeof Ref>): ForgeEvent {
  return refDeleted(type === 'branch' ? `refs/heads/${ref}` : type === 'tag' ? `refs/tags/${ref}` : ref);
}

export function fromPullRequest(body: unknown): ForgeEvent {
  const { data } = PullRequest.safeParse(body);
  return pullRequest(data?.pull_request.head.repo?.full_name, data?.pull_request.base.repo?.full_name);
}
