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
  ofFork,
  ofMadeFork,
  ofOurs,
  ofTag,
  pushed,
  queued,
  tag,
} from './story.ts';

const page = 'https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/';
const api = 'https://api.bitbucket.org/2.0';
const unproven = { unproven: 'the forge does not say which files a push touched' };
const at = '2026-01-02T03:04:05.123456+00:00';

const link = (href: string) => ({ href });
const userOf = (name: string, id: string) => ({
  display_name: name,
  links: {
    self: link(`${api}/users/%7B${id}%7D`),
    avatar: link(`https://avatars.invalid/${id}`),
    html: link(`https://bitbucket.org/%7B${id}%7D/`),
  },
  type: 'user',
  uuid: `{${id}}`,
  account_id: `557058:${id}`,
  nickname: name.split(' ')[0]?.toLowerCase(),
});
const ida = userOf('Ida Brandt', 'b1c7f0aa-0000-4000-8000-000000000007');
const otto = userOf('Otto Weiss', 'b1c7f0aa-0000-4000-8000-000000000008');

const repositoryOf = (workspace: string, id: string, owner: object, parent: object | null = null) => ({
  type: 'repository',
  full_name: `${workspace}/tide`,
  links: {
    self: link(`${api}/repositories/${workspace}/tide`),
    html: link(`https://bitbucket.org/${workspace}/tide`),
    avatar: link(`https://avatars.invalid/${id}`),
  },
  name: 'tide',
  scm: 'git',
  website: null,
  owner,
  workspace: {
    type: 'workspace',
    uuid: `{${id.replace(/.$/, '9')}}`,
    name: workspace,
    slug: workspace,
    links: { self: link(`${api}/workspaces/${workspace}`), html: link(`https://bitbucket.org/${workspace}/`) },
  },
  is_private: true,
  project: { type: 'project', key: 'SEA', uuid: '{5d0c7f0e-0000-4000-8000-000000000002}', name: 'Sea', links: {} },
  uuid: `{${id}}`,
  parent,
});
const repository = repositoryOf('harbour', '5d0c7f0e-0000-4000-8000-000000000001', ida);
const fork = repositoryOf('otto', '5d0c7f0e-0000-4000-8000-000000000004', otto, repository);

const rendered = (raw: string) => ({ type: 'rendered', raw, markup: 'markdown', html: `<p>${raw.trim()}</p>` });
const commitOf = (hash: string, text: string) => ({
  type: 'commit',
  hash,
  date: '2026-01-02T03:04:05+00:00',
  author: { type: 'author', raw: 'Ida Brandt <ida@harbour.invalid>', user: ida },
  committer: {},
  message: text,
  summary: rendered(text),
  links: {
    self: link(`${api}/repositories/harbour/tide/commit/${hash}`),
    html: link(`https://bitbucket.org/harbour/tide/commits/${hash}`),
  },
  parents: [{ type: 'commit', hash: commits.before, links: {} }],
  rendered: {},
  properties: {},
});
const refOf = (type: string, name: string, hash: string, text: string) => ({
  name,
  target: commitOf(hash, text),
  links: {
    self: link(`${api}/repositories/harbour/tide/refs/${type === 'tag' ? 'tags' : 'branches'}/${name}`),
    commits: link(`${api}/repositories/harbour/tide/commits/${name}`),
    html: link(`https://bitbucket.org/harbour/tide/branch/${name}`),
  },
  type,
  ...(type === 'tag'
    ? {
        message: 'Spring tides\n',
        date: at,
        tagger: { type: 'author', raw: 'Ida Brandt <ida@harbour.invalid>', user: ida },
      }
    : {
        merge_strategies: ['merge_commit', 'squash', 'fast_forward'],
        sync_strategies: ['merge_commit', 'rebase'],
        default_merge_strategy: 'merge_commit',
      }),
});

/** One ref of a push, from one commit to another; `null` stands for none. */
function change(
  type: 'branch' | 'tag',
  name: string,
  from: string | null,
  to: string | null,
  { forced = false, text = message } = {},
) {
  const listed = to === null || type === 'tag' ? [] : [commitOf(to, text)];
  return {
    old: from === null ? null : refOf(type, name, from, text),
    new: to === null ? null : refOf(type, name, to, text),
    truncated: false,
    created: from === null,
    forced,
    closed: to === null,
    ...(to === null ? {} : { links: { commits: link(`${api}/repositories/harbour/tide/commits?include=${to}`) } }),
    ...(listed.length === 0 ? {} : { commits: listed }),
  };
}
const push = (changes: readonly object[], told: Pick<ForgeCase, 'says' | 'answer'>): ForgeCase => ({
  event: 'repo:push',
  follows: `${page}#Push`,
  body: { push: { changes }, repository, actor: ida },
  ...told,
});

function pull(event: string, about: object = {}, source: typeof repository = repository): ForgeCase {
  const side = (name: string, hash: string, repo: typeof repository) => ({
    branch: { name },
    commit: { type: 'commit', hash: hash.slice(0, 12), links: {} },
    repository: { type: 'repository', full_name: repo.full_name, links: repo.links, name: repo.name, uuid: repo.uuid },
  });
  const actor = source === repository ? ida : otto;
  return {
    event,
    follows: `${page}#Pull-request-events`,
    body: {
      actor,
      repository,
      pullrequest: {
        comment_count: 0,
        task_count: 0,
        type: 'pullrequest',
        id: 12,
        title: 'Sort the tides',
        description: '',
        rendered: { title: rendered('Sort the tides'), description: rendered(''), reason: rendered('') },
        state: 'OPEN',
        draft: false,
        merge_commit: null,
        close_source_branch: false,
        closed_by: null,
        author: actor,
        reason: '',
        created_on: at,
        updated_on: at,
        destination: side('main', commits.before, repository),
        source: side(branch, commits.after, source),
        reviewers: [],
        participants: [],
        links: {
          self: link(`${api}/repositories/harbour/tide/pullrequests/12`),
          html: link('https://bitbucket.org/harbour/tide/pull-requests/12'),
        },
        summary: rendered(''),
        ...about,
      },
    },
    ...ignored(source === repository ? ofOurs : ofFork),
  };
}

/** A repository's webhook on Bitbucket Cloud (https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/). */
export const bitbucket: ForgeStandIn = {
  cases: {
    create: push([change('branch', branch, null, commits.after)], {
      says: [pushed('created', unproven)],
      answer: queued,
    }),
    update: push([change('branch', branch, commits.before, commits.after)], {
      says: [pushed('updated', unproven)],
      answer: queued,
    }),
    force: push([change('branch', branch, commits.rewritten, commits.after, { forced: true })], {
      says: [pushed('forced', unproven)],
      answer: queued,
    }),
    delete: push([change('branch', branch, commits.after, null)], { says: [gone()], answer: queued }),
    tag: push([change('tag', tag, null, commits.after)], ignoredTag),
    'tag-delete': push([change('tag', tag, commits.after, null)], ignoredTag),
    many: push(
      [
        change('branch', branch, commits.before, commits.after),
        change('branch', 'wave', null, commits.rewritten),
        change('branch', 'old-pier', commits.before, null),
        change('tag', tag, null, commits.after),
      ],
      {
        says: [
          pushed('updated', unproven),
          pushed('created', unproven, { branch: 'wave', commit: commits.rewritten }),
          gone('old-pier'),
          ofTag,
        ],
        answer: { ...queued, reason: '3 of 4 refs lead to a job' },
      },
    ),
    ping: { never: 'Bitbucket has no test delivery' },
    opened: pull('pullrequest:created'),
    updated: pull('pullrequest:updated'),
    merged: pull('pullrequest:fulfilled', {
      state: 'MERGED',
      merge_commit: { type: 'commit', hash: commits.merge.slice(0, 12), links: {} },
      closed_by: ida,
    }),
    declined: pull('pullrequest:rejected', { state: 'DECLINED', reason: 'not now', closed_by: ida }),
    fork: {
      event: 'repo:fork',
      follows: `${page}#Fork`,
      body: { actor: otto, repository, fork },
      ...ignored(ofMadeFork),
    },
    'fork-opened': pull('pullrequest:created', {}, fork),
    'skip-message': push(
      [change('branch', branch, commits.before, commits.after, { text: 'Words only [skip ci]\n' })],
      {
        says: [pushed('updated', unproven, { message: 'Words only [skip ci]\n' })],
        answer: asksNot,
      },
    ),
    other: {
      event: 'repo:commit_status_updated',
      follows: `${page}#Build-status-updated`,
      body: {
        actor: ida,
        repository,
        commit_status: {
          name: 'tests',
          description: 'all is well',
          state: 'SUCCESSFUL',
          key: 'tests',
          url: 'https://ci.invalid/1',
          type: 'build',
          created_on: at,
          updated_on: at,
          links: { commit: link(`${api}/repositories/harbour/tide/commit/${commits.after}`) },
        },
      },
      ...ignored('events of the kind repo:commit_status_updated are not for Bough'),
    },
  },
  headers: ({ event, delivery, secret, body }) => ({
    'content-type': 'application/json',
    'user-agent': 'Bitbucket-Webhooks/2.0',
    'x-event-key': event,
    'x-hook-uuid': 'b7a0b7c2-0000-4000-8000-000000000009',
    'x-request-uuid': delivery,
    'x-attempt-number': '1',
    'x-hub-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }),
  redelivered: (delivery) => delivery, // counted in X-Attempt-Number
};
