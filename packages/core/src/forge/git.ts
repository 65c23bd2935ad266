import * as z from 'zod';
import { Commit, isNoCommit } from '../commit.ts';
import type { ForgeAdapter } from './adapter.ts';
import type { ForgeEvent } from './event.ts';
import { listOf } from './list-of.ts';
import { otherEvent } from './not-for-us.ts';
import { parseBody } from './parse-body.ts';
import { refUpdated } from './ref-update.ts';

const Change = z.looseObject({
  ref: z.string().startsWith('refs/'),
  before: Commit,
  after: Commit,
  forced: z.boolean().default(false),
  message: z.string().default(''),
  /** All that differs between the two commits; absent where the hook could not tell. */
  files: listOf(z.string()).optional(),
});

const Push = z.looseObject({
  changes: listOf(Change).refine((changes) => changes.length > 0, 'must not be empty'),
  pushOptions: listOf(z.string()).default([]),
});

/** A bare repository with the hook Bough ships (`docs/forges.md` says what it sends). */
export const git: ForgeAdapter = {
  title: 'the hook',
  deliveryHeaders: ['x-bough-delivery'],
  identity: 'id',
  eventHeader: 'x-bough-event',
  verifications: [{ scheme: 'hmac-sha256', header: 'x-bough-signature', prefix: 'sha256=' }],
  parse(eventName, body) {
    if (eventName === 'ping') return [{ kind: 'ping' }];
    if (eventName !== 'push') return [otherEvent(eventName)];
    const { changes, pushOptions } = parseBody(Push, git.title, eventName, body);
    return changes.map((change) => changed(change, pushOptions));
  },
};

function changed(change: z.infer<typeof Change>, pushOptions: readonly string[]): ForgeEvent {
  const { ref, before, after, forced, message, files } = change;
  const created = isNoCommit(before);
  return refUpdated({
    ref,
    after,
    created,
    forced,
    message,
    files: () =>
      created || files === undefined ? { unproven: 'the hook did not say which files it touched' } : { paths: files },
    skip: pushOptions.includes('ci.skip') ? 'the push option ci.skip asks not to build it' : undefined,
  });
}
