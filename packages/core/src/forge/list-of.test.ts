import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../app-error.ts';
import { forges } from './forges.ts';

const many = 1_000_000;
const wrong = Array.from({ length: many }, () => 1);
const commit = 'a'.repeat(40);
const change = { ref: 'refs/heads/x', before: commit, after: commit };

for (const [forge, event, body, problem] of [
  ['git', 'push', { changes: wrong }, 'changes.0: Invalid input: expected object, received number'],
  [
    'git',
    'push',
    { changes: [{ ...change, files: wrong }] },
    'changes.0.files.0: Invalid input: expected string, received number',
  ],
  [
    'git',
    'push',
    { changes: [change], pushOptions: wrong },
    'pushOptions.0: Invalid input: expected string, received number',
  ],
  [
    'git',
    'push',
    { changes: [change, change, {}] },
    'changes.2.ref: Invalid input: expected string, received undefined',
  ],
  ['git', 'push', { changes: [] }, 'changes: must not be empty'],
  ['git', 'push', { changes: {} }, 'changes: expected array'],
  [
    'bitbucket',
    'repo:push',
    { push: { changes: wrong } },
    'push.changes.0: Invalid input: expected object, received number',
  ],
  [
    'bitbucket-data-center',
    'repo:refs_changed',
    { changes: wrong },
    'changes.0: Invalid input: expected object, received number',
  ],
] as const) {
  test(`of a list of ${forge} the first wrong element is told, however many there are: ${problem}`, () => {
    const parse = () => forges[forge].parse(event, body);

    assert.throws(
      parse,
      (error) => error instanceof AppError && error.message.length < 500 && error.message.includes(problem),
    );
  });
}
