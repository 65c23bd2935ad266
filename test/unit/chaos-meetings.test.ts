import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countMeetings } from '../chaos/count-meetings.ts';
import type { Deed } from '../chaos/deed.ts';
import { mayMeet } from '../chaos/may-meet.ts';
import type { Action } from '../chaos/schedule.ts';

const deed = (action: Action, from: number, to: number): Deed => ({ action, from, to });
const frozen = deed({ do: 'break', what: 'freeze-redis' }, 100, 200);
const push: Action = { do: 'push', branch: 'feat', kind: 'good', told: true };
const pin: Action = { do: 'pin', branch: 'feat' };

test('what the forge did and people asked for is counted where it began while a fault lasted', () => {
  const deeds = [frozen, deed(push, 150, 250), deed(push, 200, 210), deed(push, 50, 150), deed(pin, 100, 110)];

  assert.deepEqual(countMeetings(deeds), { forge: 1, people: 1 });
});

test('faults, harm and sweeps are no meeting', () => {
  const harm = deed({ do: 'harm', what: 'kill-app', nth: 1 }, 150, 160);

  assert.deepEqual(countMeetings([frozen, harm, deed({ do: 'sweep' }, 150, 160)]), { forge: 0, people: 0 });
});

test('the forge goes on whatever is broken, and people where it is not the worker', () => {
  assert.ok(mayMeet(push, 'freeze-worker'));
  assert.ok(mayMeet(push, 'lose-remote'));
  assert.ok(mayMeet(pin, 'freeze-redis'));
  assert.ok(mayMeet({ do: 'retry-failed' }, 'fill-state-disk'));
  assert.ok(!mayMeet(pin, 'freeze-worker'));
  assert.ok(!mayMeet(pin, 'stale-remote'));
});

test('faults do not come together, nor does harm', () => {
  assert.ok(!mayMeet({ do: 'break', what: 'kill-redis' }, 'lose-remote'));
  assert.ok(!mayMeet({ do: 'harm', what: 'stop-unit', nth: 1 }, 'lose-remote'));
});
