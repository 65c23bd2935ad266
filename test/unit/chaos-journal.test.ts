import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMistakes } from '../chaos/journal.ts';

for (const line of [
  '{"level":50,"err":{"type":"Error"},"msg":"a promise was rejected and nobody looked"}',
  '{"level":50,"err":{"code":"STATE_INVALID"},"msg":"job failed"}',
  '{"level":40,"err":{"code":"RECONCILE_STUCK"},"msg":"job failed"}',
  "TypeError: Cannot read properties of undefined (reading 'seq')",
  '{"err":{"type":"TypeError","message":"x is not a function"}}',
])
  test(`a journal with ${line} tells of a mistake`, () => {
    assert.equal(findMistakes(`Started it.\n${line}\n`).length, 1);
  });

test('a journal of what faults of the host lead to tells of none', () => {
  const lines = [
    'bough-worker.service: Main process exited, code=killed, status=9/KILL',
    '{"level":40,"err":{"code":"DISK_FULL"},"msg":"job failed; it is tried again while attempts are left"}',
    '{"level":50,"err":{"code":"BUILD_FAILED"},"msg":"job failed"}',
    '{"level":40,"err":{"type":"MaxRetriesPerRequestError"},"msg":"Redis is away"}',
  ];

  assert.deepEqual(findMistakes(lines.join('\n')), []);
});
