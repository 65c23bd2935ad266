import assert from 'node:assert/strict';
import test from 'node:test';
import { parseRemembered, type RememberedEvaluation } from './remembered-evaluation.ts';

const question = {
  commit: 'a'.repeat(40),
  attribute: 'packages.x86_64-linux.default',
  allowImportFromDerivation: false,
};
const remembered: RememberedEvaluation = {
  schema: 1,
  question,
  evaluation: {
    drvPath: `/nix/store/${'0'.repeat(32)}-app.drv`,
    output: 'out',
    outPath: `/nix/store/${'1'.repeat(32)}-app`,
  },
};
const text = JSON.stringify(remembered);

test('the same question has the same answer', () => {
  assert.deepEqual(parseRemembered(text, question), remembered.evaluation);
});

test('another commit, attribute or setting is another question', () => {
  for (const other of [
    { commit: 'b'.repeat(40) },
    { attribute: 'packages.x86_64-linux.other' },
    { allowImportFromDerivation: true },
  ]) {
    assert.equal(parseRemembered(text, { ...question, ...other }), null);
  }
});

test('what a power cut left of it, or another hand wrote, is no answer', () => {
  for (let end = 0; end < text.length; end++) assert.equal(parseRemembered(text.slice(0, end), question), null);
  const elsewhere = { ...remembered.evaluation, drvPath: '/etc/passwd' };
  assert.equal(parseRemembered(JSON.stringify({ ...remembered, evaluation: elsewhere }), question), null);
});
