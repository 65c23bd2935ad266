import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFixedOutput } from './fixed-output.ts';
import { evaluateArgv, flakeUrl, realiseArgv } from './nix-argv.ts';
import { parseEvaluation } from './parse-evaluation.ts';

const store = `/nix/store/${'a'.repeat(32)}`;
const answer = (outputs: object) => JSON.stringify([{ drvPath: `${store}-x.drv`, outputs }]);

test('the output with programs is chosen: bin, else out, else the first', () => {
  assert.equal(parseEvaluation(answer({ out: `${store}-x` })).outPath, `${store}-x`);
  assert.equal(parseEvaluation(answer({ out: `${store}-x`, bin: `${store}-x-bin` })).output, 'bin');
  assert.equal(parseEvaluation(answer({ lib: `${store}-x-lib` })).output, 'lib');
});

test('what is no single derivation with a known path is an error of the flake', () => {
  for (const text of ['', '[]', '{}', answer({ out: null }), answer({}), '[{"path":"/nix/store/x"}]']) {
    assert.throws(() => parseEvaluation(text), { code: 'EVAL_ERROR' }, text);
  }
});

test('a fixed-output derivation states a hash in its first output', () => {
  assert.equal(isFixedOutput(`Derive([("out","${store}-x","sha256","00")],[],[],"x86_64-linux"`), true);
  assert.equal(isFixedOutput(`Derive([("out","${store}-x","","")],[],[],"x86_64-linux"`), false);
});

test('the command lines never let a flake change settings, use a registry or write a lock file', () => {
  const argv = evaluateArgv({
    flake: flakeUrl('/m/app.git', 'c0ffee'),
    attribute: 'packages.x.default',
    allowImportFromDerivation: false,
  });
  const text = argv.join(' ');

  for (const pair of [
    'accept-flake-config false',
    'use-registries false',
    'eval-cache false',
    'allow-import-from-derivation false',
  ]) {
    assert.ok(text.includes(`--option ${pair}`), pair);
  }
  assert.doesNotMatch(text, /--no-write-lock-file|--impure|--accept-flake-config/);
  assert.equal(argv.at(-1), 'git+file:///m/app.git?ref=refs/bough/c0ffee&rev=c0ffee#packages.x.default');
});

test('a path with characters of URLs is escaped', () => {
  assert.equal(flakeUrl('/a b/ü?#%.git', 'c'), 'git+file:///a%20b/%C3%BC%3F%23%25.git?ref=refs/bough/c&rev=c');
});

test('one output is realised and rooted at once, within the limits', () => {
  const argv = realiseArgv({
    drvPath: `${store}-x.drv`,
    output: 'out',
    root: '/r/1',
    timeoutSec: 1.5,
    silenceTimeoutSec: 9,
  });

  assert.deepEqual(argv.slice(0, 9), [
    'nix-store',
    '--realise',
    `${store}-x.drv!out`,
    '--add-root',
    '/r/1',
    '--timeout',
    '2',
    '--max-silent-time',
    '9',
  ]);
});
