import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ErrorCode } from '../error-table.ts';
import { classifyNix, type NixFailure } from './classify.ts';
import { addEvidence, newEvidence } from './evidence.ts';
import { parseRecord } from './parse-record.ts';
import { type Progress, reduceProgress, startProgress } from './progress.ts';

// Recorded by test/fixtures/nix/record.ts on the versions of Nix that Debian 12 and 13 have.
const fixtures = new URL('../../../../test/fixtures/nix/', import.meta.url);
const versions = ['2.8.0', '2.26.3'];

function classify(phase: Progress['phase'], text: string, exitCode = 1): NixFailure {
  const evidence = newEvidence();
  let state = startProgress(phase);
  for (const line of text.split('\n')) {
    const record = parseRecord(line);
    if (record === null) continue;
    state = reduceProgress(state, record);
    addEvidence(evidence, record, state);
  }
  return classifyNix(phase, evidence, exitCode);
}

const recorded: Record<string, readonly [ErrorCode, RegExp]> = {
  'build-dependency': ['BUILD_FAILED', /^builder for 'broken' failed with exit code 2$/],
  'build-failed': ['BUILD_FAILED', /^builder for 'broken' failed with exit code 2$/],
  'build-failed-silently': ['BUILD_FAILED', /^builder for 'silent' failed with exit code 1$/],
  'build-feature': ['BUILD_PLATFORM', /features \{quantum\} is required to build 'special'/],
  'build-fetch': ['BUILD_FAILED', /^builder for 'fetched' failed/], // that it fetches only its derivation tells
  'build-hash': ['BUILD_HASH', /'fetched': specified: sha256-A+= got: sha256-\S+=$/],
  'build-no-builder': ['BUILD_FAILED', /^builder for 'nobuilder' failed/],
  'build-no-output': ['BUILD_NO_OUTPUT', /failed to produce output path/],
  'build-ok': ['NIX_UNKNOWN', /named no error$/],
  'build-part-ended': ['BUILD_SIGNAL', /^builder for 'part' failed with exit code 143$/],
  'build-part-killed': ['BUILD_SIGNAL', /^builder for 'part' failed with exit code 137$/],
  'build-platform': ['BUILD_PLATFORM', /^a 'riscv64-linux' .* is required to build 'foreign'/],
  'build-segv': ['BUILD_FAILED', /failed due to signal 11/],
  'build-signal': ['BUILD_SIGNAL', /failed due to signal 9/],
  'build-silence': ['BUILD_TIMEOUT', /'quiet' .* timed out after 2 seconds of silence$/],
  'build-timeout': ['BUILD_TIMEOUT', /'slow' .* timed out after 3 seconds$/],
  'eval-abort': ['EVAL_ERROR', /a deliberate abort/],
  'eval-attribute': ['EVAL_ATTRIBUTE', /^the flake does not provide attribute 'packages\.x86_64-linux\.default'$/],
  'eval-bad-lock': ['EVAL_LOCK', /commit flake\.lock$/],
  'eval-fetch': ['EVAL_FETCH', /^unable to download 'http:\/\/127\.0\.0\.1:1\/x': Could/],
  'eval-flake-is-folder': ['EVAL_NO_FLAKE', /^the branch has no flake\.nix/],
  'eval-ifd': ['EVAL_IFD', /^cannot build 'ifd' during evaluation/],
  'eval-impure-fetch': ['EVAL_PURITY', /requires a 'sha256' argument/],
  'eval-impure-path': ['EVAL_PURITY', /access to absolute path '\/etc[^']*' is forbidden in pure/],
  'eval-impure-system': ['EVAL_PURITY', /^attribute 'currentSystem' missing \(flake\.nix:4:71\)$/],
  'eval-missing-file': ['EVAL_ERROR', /'missing\.nix'/],
  'eval-no-flake': ['EVAL_NO_FLAKE', /^the branch has no flake\.nix/],
  'eval-no-lock': ['EVAL_LOCK', /commit flake\.lock$/],
  'eval-no-lock-git': ['EVAL_LOCK', /commit flake\.lock$/],
  'eval-no-lock-github': ['EVAL_LOCK', /commit flake\.lock$/],
  'eval-not-derivation': ['EVAL_ERROR', /derivation/],
  'eval-ok': ['NIX_UNKNOWN', /named no error$/],
  'eval-recursion': ['EVAL_ERROR', /^stack overflow/],
  'eval-registry': ['EVAL_LOCK', /commit flake\.lock$/],
  'eval-stale-lock': ['EVAL_LOCK', /commit flake\.lock$/],
  'eval-syntax': ['EVAL_ERROR', /^syntax error, unexpected ';' \(flake\.nix:1:36\)$/],
  'eval-throw': ['EVAL_ERROR', /^a deliberate error/],
  'eval-type': ['EVAL_ERROR', /^cannot add a string to an integer \(flake\.nix:4:41\)$/],
  'eval-undefined': ['EVAL_ERROR', /^undefined variable 'undefinedName' \(flake\.nix:4:37\)$/],
  'eval-untracked': ['EVAL_ERROR', /'sub/],
};

for (const version of versions) {
  test(`every failure recorded with Nix ${version} has its class and one line that names it`, () => {
    const names = readdirSync(new URL(version, fixtures)).map((file) => file.replace(/\.log$/, ''));
    assert.deepEqual(names.toSorted(), Object.keys(recorded).toSorted());

    for (const [name, [code, message]] of Object.entries(recorded)) {
      const text = readFileSync(new URL(`${version}/${name}.log`, fixtures), 'utf8');
      const failure = classify(name.startsWith('build') ? 'build' : 'evaluate', text);

      assert.equal(failure.code, code, `${name}: ${failure.message}`);
      assert.match(failure.message, message, name);
      assert.doesNotMatch(failure.message, /\n|\u001b|\/nix\/store\/|--no-write-lock-file/, name);
    }
  });

  test(`Nix ${version}: with a failed dependency the root cause's own lines are shown`, () => {
    const failure = classify('build', readFileSync(new URL(`${version}/build-dependency.log`, fixtures), 'utf8'));

    assert.deepEqual(failure.log, ['compiling 1700000000000', "error: expected ';'"]);
    assert.match(failure.drvPath ?? '', /-broken\.drv$/);
  });
}

// Not recorded here: newer versions of Nix, and what needs a broken host. Words from Nix's source.
const said: readonly (readonly [Progress['phase'], string, ErrorCode])[] = [
  [
    'build',
    "error: Cannot build '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x.drv'.\n       Reason: builder failed with exit code 1.",
    'BUILD_FAILED',
  ],
  [
    'build',
    "error: Cannot build '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x.drv'.\n       Reason: builder failed with exit code 137.",
    'BUILD_SIGNAL',
  ],
  [
    'build',
    "error: Cannot build '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x.drv'.\n       Reason: 1 dependency failed.",
    'NIX_UNKNOWN',
  ],
  ['build', 'error: writing to file: No space left on device', 'DISK_FULL'],
  [
    'evaluate',
    "error: cannot connect to socket at '/nix/var/nix/daemon-socket/socket': Connection refused",
    'DAEMON_DOWN',
  ],
  ['build', 'error: Nix daemon disconnected unexpectedly (maybe it crashed?)', 'DAEMON_DOWN'],
  ['build', "error: SQLite database '/nix/var/nix/db/db.sqlite' is busy", 'DATABASE_BUSY'],
  ['build', "error: cannot build missing derivation '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x.drv'", 'GC_RACE'],
  [
    'build',
    "error: cannot add path '/nix/store/x' because it lacks a signature by a trusted key",
    'SIGNATURE_UNTRUSTED',
  ],
  [
    'build',
    "error: some substitutes for the outputs of derivation '/nix/store/x.drv' failed (usually happens due to networking issues)",
    'SUBSTITUTER_DOWN',
  ],
  ['build', "error: '/nix/store/x.drv' killed after writing more than 1000 bytes of log output", 'BUILD_LOG_LIMIT'],
  ['evaluate', "fatal: couldn't find remote ref refs/bough/1", 'SOURCE_COMMIT_GONE'],
  ['evaluate', "error: unable to download 'https://x': HTTP error 503", 'EVAL_FETCH'],
  ['evaluate', "error: unable to download 'https://x': HTTP error 404", 'EVAL_ERROR'],
  ['evaluate', 'error: out of memory', 'EVAL_MEMORY'],
  ['evaluate', "error: program 'git' failed due to signal 9 (Killed)", 'EVAL_MEMORY'],
  ['evaluate', "error: program 'git' failed with exit code 1", 'EVAL_ERROR'],
  ['evaluate', 'error: unable to fork: Resource temporarily unavailable', 'EVAL_MEMORY'],
  [
    'evaluate',
    "error:\n       … while fetching the input 'git+file:///x'\n\n       error: opening file '/nix/var/nix/x': Too many open files",
    'HOST_FILES',
  ],
  ['evaluate', "error: opening lock file '/nix/var/nix/db/big-lock': Read-only file system", 'HOST_FILES'],
  ['evaluate', 'error: writing to file: Broken pipe', 'DAEMON_DOWN'],
];
test('failures that were not recorded are told by the words of newer versions too', () => {
  for (const [phase, text, code] of said) {
    const line = text.startsWith('fatal:') ? text : `@nix ${JSON.stringify({ action: 'msg', level: 0, msg: text })}`;
    assert.equal(classify(phase, line).code, code, text);
  }
});

test('what a builder prints is no message of Nix', () => {
  const text =
    "error: builder for '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x.drv' failed with exit code 1;\n       last 1 log lines:\n       > error: hash mismatch in fixed-output derivation\n       > SQLite database 'mine' is busy";

  assert.equal(
    classify('build', `@nix ${JSON.stringify({ action: 'msg', level: 0, msg: text })}`).code,
    'BUILD_FAILED',
  );
});

test('a Nix that was killed while it evaluated ran out of memory', () => {
  assert.equal(classify('evaluate', '', 137).code, 'EVAL_MEMORY');
});
