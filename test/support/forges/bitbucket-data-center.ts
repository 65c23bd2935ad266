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
  pong,
  pushed,
  queued,
  tag,
} from './story.ts';

const page = 'https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html';
const web = 'https://bitbucket.invalid';
const unproven = { unproven: 'the forge does not say which files a push touched' };
const date = '2026-01-02T03:04:05+0000';
const ms = Date.parse('2026-01-02T03:04:05Z');

const userOf = (name: string, id: number, displayName: string) => ({
  name,
  emailAddress: `${name}@harbour.invalid`,
  active: true,
  displayName,
  id,
  slug: name,
  type: 'NORMAL',
  links: { self: [{ href: `${web}/users/${name}` }] },
});
const ida = userOf('ida', 7, 'Ida Brandt');
const otto = userOf('otto', 8, 'Otto Weiss');

const projects = {
  harbour: {
    key: 'HARBOUR',
    id: 3,
    name: 'The Harbour',
    public: false,
    type: 'NORMAL',
    links: { self: [{ href: `${web}/projects/HARBOUR` }] },
  },
  otto: {
    key: '~OTTO',
    id: 9,
    name: 'Otto Weiss',
    type: 'PERSONAL',
    owner: otto,
    links: { self: [{ href: `${web}/users/otto` }] },
  },
};
const repositoryOf = (id: number, project: (typeof projects)[keyof typeof projects], origin?: object) => ({
  slug: 'tide',
  id,
  name: 'tide',
  hierarchyId: 'a4be61f0d92c7753e810',
  scmId: 'git',
  state: 'AVAILABLE',
  statusMessage: 'Available',
  forkable: true,
  ...(origin === undefined ? {} : { origin }),
  project,
  public: false,
  archived: false,
  links: {
    clone: [
      { href: `${web}/scm/${project.key.toLowerCase()}/tide.git`, name: 'http' },
      { href: `ssh://git@bitbucket.invalid:7999/${project.key.toLowerCase()}/tide.git`, name: 'ssh' },
    ],
    self: [{ href: `${web}/projects/${project.key}/repos/tide/browse` }],
  },
});
const repository = repositoryOf(61, projects.harbour);
const fork = repositoryOf(88, projects.otto, repository);

const commitOf = (id: string, text: string, parents: readonly object[]) => ({
  id,
  displayId: id.slice(0, 11),
  author: { name: 'Ida Brandt', emailAddress: 'ida@harbour.invalid' },
  authorTimestamp: ms,
  committer: { name: 'Ida Brandt', emailAddress: 'ida@harbour.invalid' },
  committerTimestamp: ms,
  message: text,
  parents,
});
const parent = { id: commits.before, displayId: commits.before.slice(0, 11) };

const change = (type: 'ADD' | 'UPDATE' | 'DELETE', refId: string, fromHash: string, toHash: string) => ({
  ref: {
    id: refId,
    displayId: refId.replace(/^refs\/(heads|tags)\//, ''),
    type: refId.startsWith('refs/tags/') ? 'TAG' : 'BRANCH',
  },
  refId,
  fromHash,
  toHash,
  type,
});

/** `head`: the commit a push of one branch leads to; of others nothing is told but hashes. */
const push = (
  changes: readonly object[],
  told: Pick<ForgeCase, 'says' | 'answer'>,
  head: string | null = null,
): ForgeCase => ({
  event: 'repo:refs_changed',
  follows: `${page}#Eventpayload-repositoryevents`,
  body: {
    eventKey: 'repo:refs_changed',
    date,
    actor: ida,
    repository,
    changes,
    ...(head === null
      ? {}
      : {
          commits: [commitOf(commits.after, head, [parent])],
          toCommit: commitOf(commits.after, head, [commitOf(commits.before, 'Before', [])]),
        }),
  },
  ...told,
});

function pull(
  eventKey: string,
  about: object = {},
  source: typeof repository = repository,
  beside: object = {},
): ForgeCase {
  const side = (name: string, latestCommit: string, repo: typeof repository) => ({
    id: `refs/heads/${name}`,
    displayId: name,
    latestCommit,
    type: 'BRANCH',
    repository: repo,
  });
  const author = source === repository ? ida : otto;
  return {
    event: eventKey,
    follows: `${page}#Eventpayload-pullrequestevents`,
    body: {
      eventKey,
      date,
      actor: author,
      pullRequest: {
        id: 12,
        version: 0,
        title: 'Sort the tides',
        state: 'OPEN',
        open: true,
        closed: false,
        draft: false,
        createdDate: ms,
        updatedDate: ms,
        fromRef: side(branch, commits.after, source),
        toRef: side('main', commits.before, repository),
        locked: false,
        author: { user: author, role: 'AUTHOR', approved: false, status: 'UNAPPROVED' },
        reviewers: [],
        participants: [],
        links: { self: [{ href: `${web}/projects/HARBOUR/repos/tide/pull-requests/12` }] },
        ...about,
      },
      ...beside,
    },
    ...ignored(source === repository ? ofOurs : ofFork),
  };
}

const heads = `refs/heads/${branch}`;
const of = (how: 'created' | 'updated', text = message) => ({
  says: [pushed(how, unproven, { message: text })],
  answer: queued,
});
const closed = { open: false, closed: true, closedDate: ms };

/** A repository's webhook on Bitbucket Data Center (https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html). */
export const bitbucketDataCenter: ForgeStandIn = {
  cases: {
    create: push([change('ADD', heads, commits.none, commits.after)], of('created'), message),
    update: push([change('UPDATE', heads, commits.before, commits.after)], of('updated'), message),
    force: push([change('UPDATE', heads, commits.rewritten, commits.after)], of('updated'), message),
    delete: push([change('DELETE', heads, commits.after, commits.none)], { says: [gone()], answer: queued }),
    tag: push([change('ADD', `refs/tags/${tag}`, commits.none, commits.after)], ignoredTag),
    'tag-delete': push([change('DELETE', `refs/tags/${tag}`, commits.after, commits.none)], ignoredTag),
    many: push(
      [
        change('UPDATE', heads, commits.before, commits.after),
        change('ADD', 'refs/heads/wave', commits.none, commits.rewritten),
        change('DELETE', 'refs/heads/old-pier', commits.before, commits.none),
        change('ADD', `refs/tags/${tag}`, commits.none, commits.after),
      ],
      {
        says: [
          pushed('updated', unproven),
          pushed('created', unproven, { branch: 'wave', commit: commits.rewritten, message: '' }),
          gone('old-pier'),
          ofTag,
        ],
        answer: { ...queued, reason: '3 of 4 refs lead to a job' },
      },
      message,
    ),
    // The button "Test connection".
    ping: {
      event: 'diagnostics:ping',
      follows: 'https://confluence.atlassian.com/bitbucketserver/manage-webhooks-938025878.html',
      body: { test: true },
      says: [{ kind: 'ping' }],
      answer: pong,
    },
    opened: pull('pr:opened'),
    updated: pull('pr:from_ref_updated', { version: 1 }, repository, { previousFromHash: commits.before }),
    merged: pull('pr:merged', {
      ...closed,
      state: 'MERGED',
      properties: { mergeCommit: { displayId: commits.merge.slice(0, 11), id: commits.merge } },
    }),
    declined: pull('pr:declined', { ...closed, state: 'DECLINED' }),
    fork: {
      event: 'repo:forked',
      follows: `${page}#Eventpayload-forked`,
      body: { eventKey: 'repo:forked', date, actor: otto, repository: fork },
      ...ignored(ofMadeFork),
    },
    'fork-opened': pull('pr:opened', {}, fork),
    'skip-message': push(
      [change('UPDATE', heads, commits.before, commits.after)],
      { ...of('updated', 'Words only [skip ci]'), answer: asksNot },
      'Words only [skip ci]',
    ),
    other: {
      event: 'repo:modified',
      follows: `${page}#Eventpayload-modified`,
      body: {
        eventKey: 'repo:modified',
        date,
        actor: ida,
        old: repository,
        new: { ...repository, name: 'tides', slug: 'tides' },
      },
      ...ignored('events of the kind repo:modified are not for Bough'),
    },
  },
  headers: ({ event, delivery, secret, body }) => ({
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Atlassian HttpClient 4.2.0 / Bitbucket-9.4.1 (9004001) / Default',
    'x-event-key': event,
    'x-request-id': delivery,
    'x-hub-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }),
  redelivered: (delivery) => delivery, // it never sends again; a proxy that does keeps what it was sent
};
