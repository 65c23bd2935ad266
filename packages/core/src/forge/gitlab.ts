import * as z from 'zod';
import { Commit, isNoCommit } from '../commit.ts';
import type { ForgeAdapter } from './adapter.ts';
import type { ForgeEvent } from './event.ts';
import { listOf } from './list-of.ts';
import { otherEvent, pullRequest } from './not-for-us.ts';
import { parseBody } from './parse-body.ts';
import { refUpdated } from './ref-update.ts';

const Push = z.looseObject({
  ref: z.string().startsWith('refs/'),
  before: Commit,
  after: Commit,
  commits: listOf(z.looseObject({ id: z.string(), message: z.string() })).catch([]),
  push_options: z.unknown().optional(),
});

// `git push -o ci.skip`; what stands after = is the pusher's text.
const SkipOption = z.looseObject({
  ci: z.looseObject({ skip: z.unknown().refine((skip) => skip !== undefined && skip !== false && skip !== 'false') }),
});

const MergeRequest = z.looseObject({
  object_attributes: z.looseObject({ source_project_id: z.number().nullish(), target_project_id: z.number() }),
});

/**
 * GitLab (https://docs.gitlab.com/user/project/integrations/webhook_events/). One ref a delivery, and none at all for a push
 * of more than three. It never says that a push was forced, so its lists of files prove nothing.
 */
export const gitlab: ForgeAdapter = {
  title: 'GitLab',
  deliveryHeaders: ['idempotency-key', 'webhook-id', 'x-gitlab-event-uuid'],
  identity: 'id',
  eventHeader: 'x-gitlab-event',
  verifications: [{ scheme: 'standard-webhooks' }, { scheme: 'token', header: 'x-gitlab-token' }],
  parse: (eventName, body) => [parse(eventName, body)],
};

function parse(eventName: string, body: unknown): ForgeEvent {
  switch (eventName) {
    case 'Push Hook':
    case 'Tag Push Hook':
      return pushed(parseBody(Push, gitlab.title, eventName, body));
    case 'Merge Request Hook': {
      const { data } = MergeRequest.safeParse(body);
      const { source_project_id: source, target_project_id: target } = data?.object_attributes ?? {};
      return pullRequest(source ?? undefined, target);
    }
    default:
      return otherEvent(eventName);
  }
}

function pushed({ ref, before, after, commits, push_options: options }: z.infer<typeof Push>): ForgeEvent {
  return refUpdated({
    ref,
    after,
    created: isNoCommit(before),
    forced: false,
    message: commits.find(({ id }) => id === after)?.message ?? '',
    files: () => ({ unproven: 'the forge does not tell a forced push from another' }),
    skip: SkipOption.safeParse(options).success ? 'the push option ci.skip asks not to build it' : undefined,
  });
}
