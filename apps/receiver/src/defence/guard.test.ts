import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createGuard } from './guard.ts';

test('who is not on the list is told so while its budget lasts, then 429, and who is on it never meets either', () => {
  const guard = createGuard({ allowFrom: ['192.0.2.0/24'], refusalsPerMinute: 2, log: pino({ level: 'silent' }) });

  const statuses = [1, 2, 3].map(() => {
    const status = guard.refusal('198.51.100.1')?.status;
    guard.refused('198.51.100.1');
    guard.refused('192.0.2.7');
    return status;
  });

  assert.deepEqual(statuses, [403, 403, 429]);
  assert.equal(guard.refusal('198.51.100.2')?.status, 403);
  assert.equal(guard.refusal('192.0.2.7'), null);
});
