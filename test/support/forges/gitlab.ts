import { createHmac, randomUUID } from 'node:crypto';
import type { ForgeCase, ForgeStandIn, Sent } from './forge-case.ts';
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
  ofOurs,
  pushed,
  queued,
  tag,
} from './story.ts';

const page = 'https://docs.gitlab.com/user/project/integrations/webhook_events/';
const web = 'https://gitlab.invalid/harbour/tide';
const unproven = { unproven: 'the forge does not tell a forced push from another' };

const user = {
  id: 7,
  name: 'Ida Brandt',
  username: 'ida',
  avatar_url: 'https://gitlab.invalid/uploads/-/system/user/avatar/7/a.png',
  email: '[REDACTED]',
};
const about = (space: string) => ({
  name: 'Tide',
  description: 'When the water comes',
  web_url: web.replace('harbour', space),
  avatar_url: null,
  git_ssh_url: `git@gitlab.invalid:${space}/tide.git`,
  git_http_url: `https://gitlab.invalid/${space}/tide.git`,
  namespace: space,
  visibility_level: 0,
  path_with_namespace: `${space}/tide`,
  default_branch: 'main',
  ci_config_path: null,
  homepage: web.replace('harbour', space),
  url: `git@gitlab.invalid:${space}/tide.git`,
  ssh_url: `git@gitlab.invalid:${space}/tide.git`,
  http_url: `https://gitlab.invalid/${space}/tide.git`,
});
const project = { id: 41, ...about('harbour') };
const repository = {
  name: 'Tide',
  url: project.url,
  description: project.description,
  homepage: web,
  git_http_url: project.git_http_url,
  git_ssh_url: project.git_ssh_url,
  visibility_level: 0,
};
const commitOf = (id: string, text: string) => ({
  id,
  message: text,
  title: text.split('\n')[0],
  timestamp: '2026-01-02T04:04:05+01:00',
  url: `${web}/-/commit/${id}`,
  author: { name: 'Ida Brandt', email: 'ida@harbour.invalid' },
  added: [],
  modified: ['src/tides.js'],
  removed: [],
});

/** A push of one ref. Of a ref that is gone there is nothing to check out and no commit. */
function pushOf(kind: 'push' | 'tag_push', ref: string, before: string, after: string, text = message) {
  const isGone = after === commits.none;
  const listed = isGone || kind === 'tag_push' ? [] : [commitOf(after, text)];
  return {
    object_kind: kind,
    event_name: kind,
    before,
    after,
    ref,
    ref_protected: false,
    checkout_sha: isGone ? null : after,
    message: kind === 'tag_push' && !isGone ? 'Spring tides' : null,
    user_id: user.id,
    user_name: user.name,
    user_username: user.username,
    user_email: '',
    user_avatar: user.avatar_url,
    project_id: project.id,
    project,
    commits: listed,
    total_commits_count: listed.length,
    push_options: {},
    repository,
  };
}

const heads = `refs/heads/${branch}`;
const push = (body: object, says: ForgeCase['says'], answer: ForgeCase['answer'] = queued): ForgeCase => ({
  event: 'Push Hook',
  follows: `${page}#push-events`,
  body,
  says,
  answer,
});
const tagPush = (before: string, after: string): ForgeCase => ({
  event: 'Tag Push Hook',
  follows: `${page}#tag-events`,
  body: pushOf('tag_push', `refs/tags/${tag}`, before, after),
  ...ignoredTag,
});

function mergeRequest(action: string, change: object = {}, from: 'harbour' | 'otto' = 'harbour'): ForgeCase {
  const isOurs = from === 'harbour';
  return {
    event: 'Merge Request Hook',
    follows: `${page}#merge-request-events`,
    body: {
      object_kind: 'merge_request',
      event_type: 'merge_request',
      user,
      project,
      repository: { name: 'Tide', url: project.url, description: project.description, homepage: web },
      object_attributes: {
        id: 90,
        iid: 12,
        target_branch: 'main',
        source_branch: branch,
        source_project_id: isOurs ? project.id : 77,
        author_id: user.id,
        assignee_ids: [],
        assignee_id: null,
        reviewer_ids: [],
        title: 'Sort the tides',
        created_at: at,
        updated_at: at,
        last_edited_at: null,
        last_edited_by_id: null,
        milestone_id: null,
        state_id: 1,
        state: 'opened',
        blocking_discussions_resolved: true,
        work_in_progress: false,
        draft: false,
        first_contribution: !isOurs,
        merge_status: 'unchecked',
        target_project_id: project.id,
        description: '',
        prepared_at: at,
        total_time_spent: 0,
        time_change: 0,
        human_total_time_spent: null,
        human_time_change: null,
        human_time_estimate: null,
        url: `${web}/-/merge_requests/12`,
        source: about(from),
        target: about('harbour'),
        last_commit: commitOf(commits.after, message),
        labels: [],
        action,
        detailed_merge_status: 'mergeable',
        ...change,
      },
      labels: [],
      changes: {},
      assignees: [],
      reviewers: [],
    },
    ...ignored(isOurs ? ofOurs : ofFork),
  };
}

/** A project's webhook on GitLab (https://docs.gitlab.com/user/project/integrations/webhook_events/), with a token or with a key to sign with. */
export const gitlab: ForgeStandIn = {
  cases: {
    create: push(pushOf('push', heads, commits.none, commits.after), [pushed('created', unproven)]),
    update: push(pushOf('push', heads, commits.before, commits.after), [pushed('updated', unproven)]),
    force: push(pushOf('push', heads, commits.rewritten, commits.after), [pushed('updated', unproven)]),
    delete: push(pushOf('push', heads, commits.after, commits.none), [gone()]),
    tag: tagPush(commits.none, commits.after),
    'tag-delete': tagPush(commits.after, commits.none),
    // One for each, and up to three: of more GitLab tells nothing at all.
    many: [
      push(pushOf('push', heads, commits.before, commits.after), [pushed('updated', unproven)]),
      push(pushOf('push', 'refs/heads/wave', commits.none, commits.rewritten), [
        pushed('created', unproven, { branch: 'wave', commit: commits.rewritten }),
      ]),
      push(pushOf('push', 'refs/heads/old-pier', commits.before, commits.none), [gone('old-pier')]),
    ],
    // The button "Test" sends the last push of the default branch once more.
    ping: push(pushOf('push', 'refs/heads/main', commits.before, commits.after), [
      pushed('updated', unproven, { branch: 'main' }),
    ]),
    opened: mergeRequest('open'),
    updated: mergeRequest('update', { oldrev: commits.before }),
    merged: mergeRequest('merge', { state: 'merged', state_id: 3, merge_commit_sha: commits.merge }),
    declined: mergeRequest('close', { state: 'closed', state_id: 2 }),
    fork: { never: 'GitLab has no webhook for a fork that was made' },
    'fork-opened': mergeRequest('open', {}, 'otto'),
    'skip-message': push(
      pushOf('push', heads, commits.before, commits.after, 'Words only [skip-ci]\n'),
      [pushed('updated', unproven, { message: 'Words only [skip-ci]\n' })],
      asksNot,
    ),
    other: {
      event: 'Pipeline Hook',
      follows: `${page}#pipeline-events`,
      body: {
        object_kind: 'pipeline',
        object_attributes: {
          id: 31,
          iid: 3,
          ref: branch,
          tag: false,
          sha: commits.after,
          status: 'success',
          stages: ['build'],
        },
        merge_request: null,
        user,
        project,
        commit: commitOf(commits.after, message),
        builds: [],
      },
      ...ignored('events of the kind Pipeline Hook are not for Bough'),
    },
  },
  headers: (sent) => ({
    'content-type': 'application/json',
    'user-agent': 'GitLab/18.9.0',
    'x-gitlab-event': sent.event,
    'x-gitlab-instance': 'https://gitlab.invalid',
    ...gitlabProof(sent.delivery, sent.secret, sent.body),
  }),
  redelivered: (delivery) => delivery, // "Resend Request" keeps Idempotency-Key and webhook-id
};

/** GitLab's headers for one time, which it puts in seconds. A secret that starts with `whsec_` signs. */
export function gitlabProof(
  delivery: string,
  secret: string,
  body: Sent['body'],
  now = Math.floor(Date.now() / 1000),
): Record<string, string> {
  const ids = {
    'idempotency-key': delivery,
    'x-gitlab-event-uuid': randomUUID(),
    'x-gitlab-webhook-uuid': randomUUID(),
  };
  if (!secret.startsWith('whsec_')) return { ...ids, 'x-gitlab-token': secret };
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const digest = createHmac('sha256', key).update(`${delivery}.${now}.`).update(body).digest('base64');
  return { ...ids, 'webhook-id': delivery, 'webhook-timestamp': String(now), 'webhook-signature': `v1,${digest}` };
}
