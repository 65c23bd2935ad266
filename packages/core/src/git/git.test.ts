import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyGit } from './classify-git.ts';
import * as argv from './git-argv.ts';
import { parseHead } from './parse-head.ts';
import { parseLsRemote } from './parse-ls-remote.ts';

const commit = 'c'.repeat(40);

test('the answer of ls-remote is read: only branches, and names we do not build are reported', () => {
  const { heads, refused } = parseLsRemote(
    [
      `${commit}\tHEAD`,
      `${commit}\trefs/heads/main`,
      `${commit}\trefs/heads/feature/ünï code's;$(x)`.replace(' ', '-'),
      `${commit}\trefs/tags/v1`,
      `${commit}\trefs/pull/1/head`,
      `${commit}\trefs/other/refs/heads/fake`,
      `${commit}\trefs/heads/-dash`,
      `${commit}\trefs/heads/not-\uFFFD-utf8`,
      `${commit}\trefs/heads/${'x'.repeat(300)}`,
      'warning: redirecting to elsewhere',
      '',
    ].join('\n'),
  );

  assert.deepEqual(
    [...heads],
    [
      ['main', commit],
      ["feature/ünï-code's;$(x)", commit],
    ],
  );
  assert.deepEqual(
    refused.map((name) => name.slice(0, 8)),
    ['"-dash"', '"not-\uFFFD-u', '"xxxxxxx'],
  );
});

test('every command is hardened, and names stand behind --', () => {
  for (const line of [
    argv.initMirror('/m'),
    argv.fetchHeads('/m', 'https://x'),
    argv.fetchNamed('/m', 'https://x'),
    argv.lsRemoteHeads('https://x'),
  ]) {
    assert.deepEqual(line.slice(0, 3), ['git', '-c', 'protocol.ext.allow=never']);
    assert.ok(line.includes('--'), line.join(' '));
  }
  assert.deepEqual(argv.fetchHeads('/m', 'url').slice(-3), ['--', 'url', '+refs/heads/*:refs/heads/*']);
  assert.deepEqual(argv.fetchNamed('/m', 'url').slice(-3), ['--stdin', '--', 'url']);
  assert.equal(argv.refspecs(['a', 'b/c']), '+refs/heads/a:refs/heads/a\n+refs/heads/b/c:refs/heads/b/c\n');
  assert.equal(argv.pinCommit('/m', commit).at(-2), `refs/bough/${commit}`);
});

test('the head of a branch is told from those of branches below it', () => {
  const below = `refs/heads/feature/x/y\0${commit}\0message\n\nrefs/heads/feature/x/z\0${commit}\0message\n\n`;

  assert.equal(parseHead('', 'feature/x'), null);
  assert.equal(parseHead(below, 'feature/x'), null);
  assert.deepEqual(parseHead(`refs/heads/feature/x\0${commit}\0a\0b\n\n`, 'feature/x'), {
    commit,
    message: 'a\0b\n\n',
  });
});

test('failures of git are told apart', () => {
  const cases = {
    SOURCE_FETCH: [
      "fatal: unable to access 'https://x/': Could not resolve host: x",
      'ssh: connect to host x port 22: Connection refused\nfatal: Could not read from remote repository.\nPlease make sure you have the correct access rights',
      'The requested URL returned error: 503',
      'error: something new',
    ],
    SOURCE_DENIED: [
      "fatal: could not read Username for 'https://x': terminal prompts disabled",
      'git@x: Permission denied (publickey).',
      'ERROR: Repository not found.',
      "fatal: '/x' does not appear to be a git repository",
      "fatal: transport 'ext' not allowed",
      'The requested URL returned error: 403',
    ],
    SOURCE_CONFIG: ["fatal: detected dubious ownership in repository at '/x'"],
    SOURCE_COMMIT_GONE: [
      "fatal: couldn't find remote ref refs/heads/x",
      'fatal: remote error: upload-pack: not our ref',
    ],
    DISK_FULL: ['fatal: write error: No space left on device'],
  } as const;

  for (const [code, texts] of Object.entries(cases)) {
    for (const text of texts) assert.equal(classifyGit(text.split('\n')), code, text);
  }
});
