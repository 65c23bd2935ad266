import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ForgeCase, ForgeStandIn } from './forge-case.ts';
import {
  asksNot,
  at,
  branch,
  commits,
  gone,
  ignored,
  ignoredTag,
  message,
  ofFork,
  ofMadeFork,
  ofOurs,
  pong,
  pushed,
  queued,
  tag,
} from './story.ts';

type Payload = Record<string, unknown>;

const page = 'https://docs.github.com/webhooks/webhook-events-and-payloads';
const recorded: readonly { name: string; examples: readonly Payload[] }[] = JSON.parse(
  readFileSync(
    new URL('../../../node_modules/@octokit/webhooks-examples/api.github.com/index.json', import.meta.url),
    'utf8',
  ),
);

/** A payload as GitHub recorded it: the first of an event for which `is` holds. What is not recorded is made of copies. */
function example(event: string, is: (payload: Payload) => boolean = () => true): Payload {
  const found = recorded.find(({ name }) => name === event)?.examples.find(is);
  if (found === undefined) throw new Error(`no such ${event} is recorded`);
  return found;
}
const of = (event: string, body: Payload, told: Pick<ForgeCase, 'says' | 'answer'>): ForgeCase => ({
  event,
  follows: `${page}#${event}`,
  body,
  ...told,
});

const person = { name: 'Ida Brandt', email: 'ida@harbour.invalid', username: 'ida' };
const commitOf = (id: string, text: string, modified: readonly string[]) => ({
  id,
  tree_id: '5e'.repeat(20),
  distinct: true,
  message: text,
  timestamp: at,
  url: `https://github.invalid/harbour/tide/commit/${id}`,
  author: person,
  committer: person,
  added: [],
  removed: [],
  modified,
});

interface Moved {
  readonly ref?: string;
  readonly before?: string;
  readonly after?: string;
  readonly forced?: boolean;
  readonly text?: string;
}
function push(moved: Moved, told: Pick<ForgeCase, 'says' | 'answer'>): ForgeCase {
  const {
    ref = `refs/heads/${branch}`,
    before = commits.before,
    after = commits.after,
    forced = false,
    text = message,
  } = moved;
  const [created, deleted] = [before === commits.none, after === commits.none];
  const head = deleted ? null : commitOf(after, text, ['src/tides.js']);
  const listed = head === null || ref.startsWith('refs/tags/') ? [] : [head];
  const changes = { ref, before, after, created, deleted, forced, base_ref: null, commits: listed, head_commit: head };
  return of('push', { ...example('push', (one) => one['ref'] === 'refs/heads/master'), ...changes }, told);
}

function pull(action: string, change: object = {}, isFork = false): ForgeCase {
  const payload = example('pull_request', (one) => one['action'] === action);
  const told = inner(payload, 'pull_request');
  const head = inner(told, 'head');
  const repo = { ...inner(head, 'repo'), id: 88, full_name: 'otto/tide', fork: true };
  const source = isFork ? { head: { ...head, ref: branch, repo } } : {};
  return of(
    'pull_request',
    { ...payload, pull_request: { ...told, ...source, ...change } },
    ignored(isFork ? ofFork : ofOurs),
  );
}

function inner(payload: object, key: string): object {
  const value: unknown = Object.entries(payload).find(([name]) => name === key)?.[1];
  if (typeof value !== 'object' || value === null) throw new Error(`it has no ${key}`);
  return value;
}

const files = { paths: ['src/tides.js'] };
const isNew = { unproven: 'a new branch has nothing to be compared with' };
const isForced = { unproven: 'a forced push may have dropped commits' };
const skipped = 'Words only\n\n\nskip-checks: true';

/** A repository's webhook on GitHub (https://docs.github.com/webhooks/webhook-events-and-payloads): payloads it recorded, and copies of them with other refs, commits and states. */
export const github: ForgeStandIn = {
  cases: {
    create: push({ before: commits.none }, { says: [pushed('created', isNew)], answer: queued }),
    update: push({}, { says: [pushed('updated', files)], answer: queued }),
    force: push({ forced: true }, { says: [pushed('forced', isForced)], answer: queued }),
    // Two deliveries, where both events are chosen.
    delete: [
      push({ before: commits.after, after: commits.none }, { says: [gone()], answer: queued }),
      of('delete', { ...example('delete'), ref: branch, ref_type: 'branch' }, { says: [gone()], answer: queued }),
    ],
    tag: [
      push({ ref: `refs/tags/${tag}`, before: commits.none }, ignoredTag),
      of(
        'create',
        { ...example('create'), ref: tag, ref_type: 'tag' },
        ignored('the push event tells of new branches too'),
      ),
    ],
    'tag-delete': [
      push({ ref: `refs/tags/${tag}`, before: commits.after, after: commits.none }, ignoredTag),
      of('delete', { ...example('delete'), ref: tag, ref_type: 'tag' }, ignoredTag),
    ],
    many: [
      push({}, { says: [pushed('updated', files)], answer: queued }),
      push(
        { ref: 'refs/heads/wave', before: commits.none, after: commits.rewritten },
        { says: [pushed('created', isNew, { branch: 'wave', commit: commits.rewritten })], answer: queued },
      ),
      push({ ref: 'refs/heads/old-pier', after: commits.none }, { says: [gone('old-pier')], answer: queued }),
    ],
    ping: of('ping', example('ping'), { says: [{ kind: 'ping' }], answer: pong }),
    opened: pull('opened'),
    updated: pull('synchronize'),
    merged: pull('closed', { merged: true, merged_at: at, merge_commit_sha: commits.merge }),
    declined: pull('closed', { merged: false, merged_at: null }),
    fork: of('fork', example('fork'), ignored(ofMadeFork)),
    'fork-opened': pull('opened', {}, true),
    'skip-message': push(
      { text: skipped },
      { says: [pushed('updated', files, { message: skipped })], answer: asksNot },
    ),
    other: of('star', example('star'), ignored('events of the kind star are not for Bough')),
  },
  headers: ({ event, delivery, secret, body }) => {
    const digest = (hash: string) => `${hash}=${createHmac(hash, secret).update(body).digest('hex')}`;
    return {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/5e5e5e5',
      accept: '*/*',
      'x-github-event': event,
      'x-github-delivery': delivery,
      'x-github-hook-id': '7100',
      'x-github-hook-installation-target-id': '7001',
      'x-github-hook-installation-target-type': 'repository',
      'x-hub-signature': digest('sha1'),
      'x-hub-signature-256': digest('sha256'),
    };
  },
  redelivered: (delivery) => delivery,
};
