import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEvent, scheduleOf } from '../chaos/schedule.ts';

const linesOf = (seed: number, length: number) => scheduleOf(seed, length).map(describeEvent);

test('the same seed gives the same schedule', () => {
  for (const seed of [1, 2, 1_000]) assert.deepEqual(linesOf(seed, 200), linesOf(seed, 200));
});

test('another seed gives another schedule', () => {
  const schedules = new Set(Array.from({ length: 200 }, (_, seed) => linesOf(seed + 1, 20).join('\n')));

  assert.equal(schedules.size, 200);
});

test('a longer schedule begins with the shorter one, so that a failing seed can be cut down', () => {
  assert.deepEqual(linesOf(7, 50).slice(0, 20), linesOf(7, 20));
});

test('two hundred seeds hold every kind of action and every fault', () => {
  const actions = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed + 1, 20)).flat();
  const seen = new Set(actions.map(({ action }) => ('what' in action ? `${action.do} ${action.what}` : action.do)));

  for (const one of [
    'push',
    'rewind',
    'delete',
    'recreate',
    'redeliver',
    'rollback',
    'pin',
    'unpin',
    'suspend',
    'resume',
    'rotate',
    'cancel',
    'deploy',
    'retry-failed',
    'sweep',
    'kill-worker-at',
  ])
    assert.ok(seen.has(one), one);
  assert.equal([...seen].filter((one) => one.startsWith('break ')).length, 26);
  assert.equal([...seen].filter((one) => one.startsWith('harm ')).length, 6);
});
