import { createHmac, randomUUID } from 'node:crypto';
import type { ForgeCase, ForgeCases, ForgeStandIn, Sent } from './forge-case.ts';
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

const unproven = { unproven: 'the forge does not tell a forced push from another' };
const structs = 'https://github.com/go-gitea/gitea/blob/main/modules/structs';
const never = '0001-01-01T00:00:00Z'; // the zero time of Go

function userOf(web: string, id: number, login: string, name: string) {
  return {
    id,
    login,
    login_name: '',
    source_id: 0,
    full_name: name,
    email: `${login}@noreply.git.invalid`,
    avatar_url: `${web}/avatars/${id}`,
    html_url: `${web}/${login}`,
    language: '',
    is_admin: false,
    last_login: never,
    created: at,
    restricted: false,
    active: false,
    prohibit_login: false,
    location: '',
    website: '',
    description: '',
    visibility: 'public',
    followers_count: 0,
    following_count: 0,
    starred_repos_count: 0,
    username: login,
  };
}

function repositoryOf(web: string, id: number, owner: ReturnType<typeof userOf>, parent: object | null = null) {
  const path = `${owner.login}/tide`;
  return {
    id,
    owner,
    name: 'tide',
    full_name: path,
    description: 'When the water comes',
    empty: false,
    private: false,
    fork: parent !== null,
    template: false,
    ...(parent === null ? {} : { parent }),
    mirror: false,
    size: 64,
    language: 'JavaScript',
    languages_url: `${web}/api/v1/repos/${path}/languages`,
    html_url: `${web}/${path}`,
    url: `${web}/api/v1/repos/${path}`,
    link: '',
    ssh_url: `git@git.invalid:${path}.git`,
    clone_url: `${web}/${path}.git`,
    original_url: '',
    website: '',
    stars_count: 0,
    forks_count: 1,
    watchers_count: 2,
    open_issues_count: 0,
    open_pr_counter: 1,
    release_counter: 0,
    default_branch: 'main',
    archived: false,
    created_at: at,
    updated_at: at,
    archived_at: '1970-01-01T00:00:00Z',
    permissions: { admin: true, push: true, pull: true },
    has_issues: true,
    internal_tracker: {
      enable_time_tracker: true,
      allow_only_contributors_to_track_time: true,
      enable_issue_dependencies: true,
    },
    has_wiki: false,
    has_pull_requests: true,
    has_projects: false,
    has_releases: true,
    has_packages: false,
    has_actions: false,
    ignore_whitespace_conflicts: false,
    allow_merge_commits: true,
    allow_rebase: true,
    allow_rebase_explicit: true,
    allow_squash_merge: true,
    allow_fast_forward_only_merge: true,
    allow_rebase_update: true,
    default_delete_branch_after_merge: false,
    default_merge_style: 'merge',
    default_allow_maintainer_edit: false,
    avatar_url: '',
    internal: false,
    mirror_interval: '',
    object_format_name: 'sha1',
    mirror_updated: never,
    topics: [],
    licenses: null,
  };
}

/**
 * What a Gitea at an address sends; Forgejo sends the same. `names` are those its headers stand under, `more` fields of its own
 * in every repository.
 */
export function giteaCases(web: string, names: readonly string[], more: object = {}): ForgeCases {
  const ida = userOf(web, 7, 'ida', 'Ida Brandt');
  const otto = userOf(web, 8, 'otto', 'Otto Weiss');
  const harbour = userOf(web, 3, 'harbour', 'The Harbour');
  const repository = { ...repositoryOf(web, 7001, harbour), ...more };
  const fork = { ...repositoryOf(web, 7044, otto, repository), ...more };
  const author = { name: 'Ida Brandt', email: 'ida@harbour.invalid', username: 'ida' };
  const commitOf = (id: string, text: string) => ({
    id,
    message: text,
    url: `${web}/harbour/tide/commit/${id}`,
    author,
    committer: author,
    verification: null,
    timestamp: at,
    added: [],
    removed: [],
    modified: ['src/tides.js'],
  });

  function push(
    { ref = `refs/heads/${branch}`, before = commits.before, after = commits.after, text = message },
    told: Pick<ForgeCase, 'says' | 'answer'>,
  ): ForgeCase {
    const isGone = after === commits.none;
    const head = isGone ? null : commitOf(after, text);
    const listed = ref.startsWith('refs/tags/') || head === null ? [] : [head];
    return {
      event: 'push',
      follows: `${structs}/hook.go (PushPayload)`,
      body: {
        ref,
        before,
        after,
        compare_url: `${web}/harbour/tide/compare/${before}...${after}`,
        commits: listed,
        total_commits: listed.length,
        head_commit: head,
        repository,
        pusher: ida,
        sender: ida,
      },
      ...told,
    };
  }

  /** What is told beside the push where a ref begins, and instead of it where a branch ends. */
  const ref = (
    event: 'create' | 'delete',
    type: 'branch' | 'tag',
    name: string,
    told: Pick<ForgeCase, 'says' | 'answer'>,
  ): ForgeCase => ({
    event,
    follows: `${structs}/hook.go (CreatePayload, DeletePayload)`,
    body: {
      ...(event === 'create' ? { sha: commits.after } : {}),
      ref: name,
      ref_type: type,
      ...(event === 'delete' ? { pusher_type: 'user' } : {}),
      repository,
      sender: ida,
    },
    ...told,
  });
  const ofCreate = ignored('the push event tells of new branches too');

  function pull(
    action: string,
    change: object = {},
    source: typeof repository = repository,
    headers?: Record<string, string>,
  ): ForgeCase {
    const side = (name: string, sha: string, repo: typeof repository) => ({
      label: name,
      ref: name,
      sha,
      repo_id: repo.id,
      repo,
    });
    const user = source === repository ? ida : otto;
    return {
      event: 'pull_request',
      follows: `${structs}/hook.go (PullRequestPayload), pull.go`,
      ...(headers === undefined ? {} : { headers }),
      body: {
        action,
        number: 12,
        pull_request: {
          id: 90,
          url: `${web}/harbour/tide/pulls/12`,
          number: 12,
          user,
          title: 'Sort the tides',
          body: '',
          labels: [],
          milestone: null,
          assignee: null,
          assignees: null,
          requested_reviewers: null,
          state: 'open',
          draft: false,
          is_locked: false,
          comments: 0,
          html_url: `${web}/harbour/tide/pulls/12`,
          diff_url: `${web}/harbour/tide/pulls/12.diff`,
          patch_url: `${web}/harbour/tide/pulls/12.patch`,
          mergeable: true,
          merged: false,
          merged_at: null,
          merge_commit_sha: null,
          merged_by: null,
          allow_maintainer_edit: false,
          base: side('main', commits.before, repository),
          head: side(branch, commits.after, source),
          merge_base: commits.before,
          due_date: null,
          created_at: at,
          updated_at: at,
          closed_at: null,
          pin_order: 0,
          ...change,
        },
        requested_reviewer: null,
        repository,
        sender: user,
        commit_id: '',
        review: null,
      },
      ...ignored(source === repository ? ofOurs : ofFork),
    };
  }

  const updated = { says: [pushed('updated', unproven)], answer: queued };
  const closed = { state: 'closed', closed_at: at };
  return {
    create: [
      ref('create', 'branch', branch, ofCreate),
      push({ before: commits.none }, { says: [pushed('created', unproven)], answer: queued }),
    ],
    update: push({}, updated),
    force: push({ before: commits.rewritten }, updated),
    delete: ref('delete', 'branch', branch, { says: [gone()], answer: queued }),
    tag: [push({ ref: `refs/tags/${tag}`, before: commits.none }, ignoredTag), ref('create', 'tag', tag, ofCreate)],
    'tag-delete': [
      push({ ref: `refs/tags/${tag}`, before: commits.after, after: commits.none }, ignoredTag),
      ref('delete', 'tag', tag, ignoredTag),
    ],
    many: [
      push({}, updated),
      push(
        { ref: 'refs/heads/wave', before: commits.none, after: commits.rewritten },
        { says: [pushed('created', unproven, { branch: 'wave', commit: commits.rewritten })], answer: queued },
      ),
      ref('delete', 'branch', 'old-pier', { says: [gone('old-pier')], answer: queued }),
    ],
    // The button "Test Delivery" pushes the head of the default branch onto itself.
    ping: push({ ref: 'refs/heads/main', before: commits.after }, { says: [{ kind: 'ping' }], answer: pong }),
    opened: pull('opened'),
    updated: pull(
      'synchronized',
      {},
      repository,
      Object.fromEntries([...names, 'github'].map((name) => [`x-${name}-event-type`, 'pull_request_sync'])),
    ),
    merged: pull('closed', { ...closed, merged: true, merged_at: at, merge_commit_sha: commits.merge, merged_by: ida }),
    declined: pull('closed', closed),
    // `forkee` is what was forked, `repository` what was made of it.
    fork: {
      event: 'fork',
      follows: `${structs}/hook.go (ForkPayload)`,
      body: { forkee: repository, repository: fork, sender: otto },
      ...ignored(ofMadeFork),
    },
    'fork-opened': pull('opened', {}, fork),
    'skip-message': push(
      { text: 'Words only [ci skip]\n' },
      { says: [pushed('updated', unproven, { message: 'Words only [ci skip]\n' })], answer: asksNot },
    ),
    other: {
      event: 'issues',
      follows: `${structs}/hook.go (IssuePayload)`,
      body: {
        action: 'opened',
        number: 3,
        issue: { id: 4, number: 3, title: 'Low water', state: 'open' },
        repository,
        sender: ida,
        commit_id: '',
      },
      ...ignored('events of the kind issues are not for Bough'),
    },
  };
}

/** The headers Gitea sends under each of these names, those it sends for what was written for others included. */
export function giteaHeaders(
  names: readonly string[],
  { event, delivery, secret, body }: Sent,
): Record<string, string> {
  const digest = (hash: string) => createHmac(hash, secret).update(body).digest('hex');
  const own = names.flatMap((name) => [
    [`x-${name}-delivery`, delivery],
    [`x-${name}-event`, event],
    [`x-${name}-event-type`, event],
    [`x-${name}-signature`, digest('sha256')],
  ]);
  return {
    'content-type': 'application/json',
    ...Object.fromEntries(own),
    'x-hub-signature': `sha1=${digest('sha1')}`,
    'x-hub-signature-256': `sha256=${digest('sha256')}`,
    'x-github-delivery': delivery,
    'x-github-event': event,
    'x-github-event-type': event,
  };
}

/** A repository's webhook on Gitea (https://docs.gitea.com/usage/webhooks; the fields are those of its `modules/structs/hook.go`). */
export const gitea: ForgeStandIn = {
  cases: giteaCases('https://gitea.invalid', ['gitea', 'gogs']),
  headers: (sent) => giteaHeaders(['gitea', 'gogs'], sent),
  redelivered: () => randomUUID(), // a replay is a new task of the same payload (models/webhook/hooktask.go)
};
