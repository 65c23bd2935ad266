import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { secretFilesOf } from './secret-files.ts';

test('every secret file is found, with the setting that names it', () => {
  const config = {
    redis: { passwordFile: '/r' },
    board: { user: 'x', passwordFile: '/b' },
    projects: { a: { webhookSecretFiles: ['/a1', '/a2'] }, b: { webhookSecretFiles: ['/b1'] } },
  };

  assert.deepEqual(secretFilesOf(config), [
    { setting: 'redis.passwordFile', path: '/r' },
    { setting: 'board.passwordFile', path: '/b' },
    { setting: 'projects.a.webhookSecretFiles.0', path: '/a1' },
    { setting: 'projects.a.webhookSecretFiles.1', path: '/a2' },
    { setting: 'projects.b.webhookSecretFiles.0', path: '/b1' },
  ]);
});

test('what is wrong elsewhere hides no secret file', () => {
  const config = {
    redis: 7,
    board: { passwordFile: '/b' },
    misspelt: true,
    projects: { a: null, b: { webhookSecretFiles: [1, '/b1'] } },
  };

  assert.deepEqual(
    secretFilesOf(config).map(({ path }) => path),
    ['/b', '/b1'],
  );
});

test('nothing makes it throw', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => Array.isArray(secretFilesOf(value))));
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      Array.isArray(secretFilesOf({ redis: value, board: value, projects: { p: value } })),
    ),
  );
  assert.deepEqual(secretFilesOf(undefined), []);
});
