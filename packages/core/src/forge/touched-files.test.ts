import assert from 'node:assert/strict';
import test from 'node:test';
import { touchedFiles } from './touched-files.ts';

const limits = { commits: 3, files: 4 };
const after = 'c'.repeat(40);
const commitOf = (id: string, ...modified: string[]) => ({ id, message: 'x', added: [], modified, removed: [] });
const head = commitOf(after, 'src/a');
const push = { after, created: false, forced: false, commits: [head] };

test('the files are all that any of the commits added, changed or removed, each once', () => {
  const first = { id: 'a', message: 'x', added: ['docs/n'], modified: ['src/a'], removed: ['old'] };

  assert.deepEqual(touchedFiles({ ...push, commits: [first, head] }, limits), { paths: ['docs/n', 'src/a', 'old'] });
});

for (const [what, change, unproven] of [
  ['a deletion', { after: '0'.repeat(40) }, /is gone/],
  ['a new branch', { created: true }, /new branch/],
  ['a forced push', { forced: true }, /dropped commits/],
  ['no commit', { commits: [] }, /lacks the head/],
  ['the commits but for the head', { commits: [commitOf('a', 'x'), commitOf('b', 'y')] }, /lacks the head/],
  [
    'as many commits as are listed at most',
    { commits: [commitOf('a', 'x'), commitOf('b', 'y'), head] },
    /have been cut/,
  ],
  ['as many files in one commit as are listed at most', { commits: [commitOf(after, '1', '2', '3', '4')] }, /been cut/],
  ['a commit without a list of files', { commits: [{ ...head, removed: undefined }] }, /does not say/],
  ['a commit whose list of files is null', { commits: [{ ...head, added: null }] }, /does not say/],
  ['a commit that lists no file beside one that does', { commits: [commitOf('a', 'x'), commitOf(after)] }, /a merge/],
] as const) {
  test(`${what} proves nothing`, () => {
    const touched = touchedFiles({ ...push, ...change }, limits);

    assert.match('unproven' in touched ? touched.unproven : JSON.stringify(touched), unproven);
  });
}

test('one less than each limit proves what it lists', () => {
  const commits = [commitOf('a', '1', '2', '3'), head];

  assert.deepEqual(touchedFiles({ ...push, commits }, limits), { paths: ['1', '2', '3', 'src/a'] });
});
