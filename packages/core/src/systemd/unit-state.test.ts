import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseShow } from './unit-state.ts';

/** What `systemctl show` prints of a process that failed, with the microseconds at which it began, left `active`, and ended. */
const failed = (began: number, told: number, ended: number, result = 'exit-code') =>
  parseShow(`Id=a.service
ActiveState=failed
Result=${result}
ExecMainStartTimestampMonotonic=${began}
ActiveExitTimestampMonotonic=${told}
ExecMainExitTimestampMonotonic=${ended}
`)[0]?.active;

test('a process that ended after systemd began to stop it did not fail, however it ended', () => {
  for (const result of ['exit-code', 'signal', 'core-dump', 'timeout'])
    assert.equal(failed(10, 20, 21, result), 'inactive');
});

test('one that ended by itself failed, and so did one that never was active or was stopped for what it did', () => {
  assert.equal(failed(10, 20, 20), 'failed', 'it ended, and systemd saw it');
  assert.equal(failed(10, 20, 19), 'failed');
  assert.equal(failed(30, 20, 40), 'failed', 'it was told to stop in the run before');
  assert.equal(failed(10, 0, 40), 'failed');
  assert.equal(failed(0, 0, 0), 'failed', 'a socket has no process');
  assert.equal(failed(10, 20, 21, 'oom-kill'), 'failed');
  assert.equal(failed(10, 20, 21, 'watchdog'), 'failed');
});
