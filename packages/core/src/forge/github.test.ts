import assert from 'node:assert/strict';
import test from 'node:test';
import { said } from '../../../../test/support/said-event.ts';
import { AppError } from '../app-error.ts';
import { github } from './github.ts';

const parseGithubEvent = (name: string, body: unknown) => said(github.parse(name, body)[0]);
const commit = 'c'.repeat(40);
const none = '0'.repeat(40);
const update = {
  ref: 'refs/heads/feature/x',
  before: 'a'.repeat(40),
  after: commit,
  created: false,
  deleted: false,
  forced: false,
  head_commit: { id: commit, message: 'A change' },
  repository: { full_name: 'a/b' },
};

for (const [what, change, expected, unproven] of [
  ['an update', {}, 'updated', 'the list of commits lacks the head'],
  ['a creation', { created: true, before: none }, 'created', 'a new branch has nothing to be compared with'],
  ['a forced update', { forced: true }, 'forced', 'a forced push may have dropped commits'],
  [
    'a creation GitHub calls forced',
    { created: true, forced: true },
    'created',
    'a new branch has nothing to be compared with',
  ],
] as const) {
  test(`${what} is a push whose change is ${expected}`, () => {
    assert.deepEqual(parseGithubEvent('push', { ...update, ...change }), {
      kind: 'push',
      branch: 'feature/x',
      commit,
      change: expected,
      message: 'A change',
      files: { unproven },
    });
  });
}

test('a push of a SHA-256 repository, without flags and without a head commit, is a push', () => {
  const event = parseGithubEvent('push', { ref: 'refs/heads/main', after: 'd'.repeat(64), head_commit: null });

  assert.deepEqual(event, {
    kind: 'push',
    branch: 'main',
    commit: 'd'.repeat(64),
    change: 'updated',
    message: '',
    files: { unproven: 'the list of commits lacks the head' },
  });
});

test('a deletion is told by its flag or by a commit of zeroes', () => {
  const deletion = { kind: 'delete', branch: 'feature/x' };

  assert.deepEqual(parseGithubEvent('push', { ...update, deleted: true, after: none, head_commit: null }), deletion);
  assert.deepEqual(parseGithubEvent('push', { ref: update.ref, after: none }), deletion);
  assert.deepEqual(parseGithubEvent('push', { ref: update.ref, after: '0'.repeat(64) }), deletion);
  assert.deepEqual(parseGithubEvent('delete', { ref: 'feature/x', ref_type: 'branch' }), deletion);
});

for (const [what, name, body, reason] of [
  ['a tag', 'push', { ...update, ref: 'refs/tags/v1' }, /tag/],
  ['a note', 'push', { ...update, ref: 'refs/notes/commits' }, /not a branch/],
  ['a deleted tag', 'delete', { ref: 'v1', ref_type: 'tag' }, /tag/],
  ['a created branch, which a push tells of as well', 'create', { ref: 'x', ref_type: 'branch' }, /push/],
  ['a branch called @', 'push', { ...update, ref: 'refs/heads/@' }, /git accepts/],
  ['a branch without a name', 'push', { ...update, ref: 'refs/heads/' }, /empty/],
  ['a deleted branch with a line break', 'delete', { ref: 'a\nb', ref_type: 'branch' }, /git accepts/],
  ['an issue', 'issues', {}, /issues/],
] as const) {
  test(`${what} is ignored, and the reason says why`, () => {
    const event = parseGithubEvent(name, body);

    assert.equal(event?.kind, 'ignored');
    assert.match(event?.kind === 'ignored' ? event.reason : '', reason);
  });
}

test('a ping is a ping, whatever it holds', () => {
  assert.deepEqual(parseGithubEvent('ping', null), { kind: 'ping' });
});

test('a wrong shape is refused, and every wrong field is named', () => {
  assert.throws(
    () => parseGithubEvent('push', { ...update, ref: 7, after: 'short' }),
    (error) => error instanceof AppError && error.code === 'DELIVERY_INVALID' && /ref: .*; after: /.test(error.message),
  );
  for (const body of [null, [], 'text', 1, {}]) {
    assert.throws(() => parseGithubEvent('push', body), AppError);
    assert.throws(() => parseGithubEvent('delete', body), AppError);
  }
});
