import { createHmac } from 'node:crypto';
import type { ForgeCase, ForgeStandIn } from './forge-case.ts';
import {
  asksNot,
  branch,
  commits,
  gone,
  ignored,
  ignoredTag,
  message,
  ofTag,
  pong,
  pushed,
  queued,
  tag,
} from './story.ts';

const follows = 'docs/forges.md#a-plain-repository';
const heads = `refs/heads/${branch}`;
const files = ['src/tides.js'];
const unproven = { unproven: 'the hook did not say which files it touched' };
const noPulls = { never: 'a plain repository knows no pull requests' };

const push = (changes: readonly object[], told: Pick<ForgeCase, 'says' | 'answer'>): ForgeCase => ({
  event: 'push',
  follows,
  body: { changes },
  ...told,
});
const begun = { ref: heads, before: commits.none, after: commits.after, message };
const moved = { ref: heads, before: commits.before, after: commits.after, message };
const ended = { ref: heads, before: commits.before, after: commits.none };
const asks = 'Words only [skip ci]\n';
const waves = { ref: 'refs/heads/wave', before: commits.none, after: commits.rewritten, message: 'Waves [skip ci]\n' };

/** A bare repository with the hook Bough ships; `test/integration/git-hook.test.ts` lets the hook itself speak. */
export const git: ForgeStandIn = {
  cases: {
    create: push([begun], { says: [pushed('created', unproven)], answer: queued }),
    update: push([{ ...moved, files }], { says: [pushed('updated', { paths: files })], answer: queued }),
    force: push([{ ...moved, forced: true, files }], { says: [pushed('forced', { paths: files })], answer: queued }),
    delete: push([ended], { says: [gone()], answer: queued }),
    tag: push([{ ref: `refs/tags/${tag}`, before: commits.none, after: commits.after }], ignoredTag),
    'tag-delete': push([{ ref: `refs/tags/${tag}`, before: commits.after, after: commits.none }], ignoredTag),
    many: push(
      [
        { ...moved, files },
        waves,
        { ...ended, ref: 'refs/heads/old-pier' },
        { ref: `refs/tags/${tag}`, before: commits.none, after: commits.after },
      ],
      {
        says: [
          pushed('updated', { paths: files }),
          pushed('created', unproven, { branch: 'wave', commit: commits.rewritten, message: waves.message }),
          gone('old-pier'),
          ofTag,
        ],
        answer: { ...queued, reason: '2 of 4 refs lead to a job' },
      },
    ),
    ping: {
      event: 'ping',
      follows,
      body: {},
      says: [{ kind: 'ping' }],
      answer: pong,
    },
    opened: noPulls,
    updated: noPulls,
    merged: noPulls,
    declined: noPulls,
    fork: { never: 'a plain repository knows no forks' },
    'fork-opened': noPulls,
    'skip-message': push([{ ...moved, message: asks }], {
      says: [pushed('updated', unproven, { message: asks })],
      answer: asksNot,
    }),
    other: { event: 'gc', follows, body: {}, ...ignored('events of the kind gc are not for Bough') },
  },
  headers: ({ event, delivery, secret, body }) => ({
    'content-type': 'application/json',
    'user-agent': 'curl/8.14.1',
    accept: '*/*',
    'x-bough-event': event,
    'x-bough-delivery': delivery,
    'x-bough-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }),
  redelivered: (delivery) => delivery, // the hook tries three times with one id
};
