import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StormEnd, stormProblems } from '../support/storm.ts';

const size = { deliveries: 1_000, kills: 2 };
const good: StormEnd = {
  acknowledged: 1_000,
  lost: 0,
  jobs: 1_000,
  refused: 40,
  slowestRefusalMs: 1_100,
  odd: 0,
  residentMiB: 250,
  seconds: 5,
};

test('a burst that went as it has to has no problem', () => {
  assert.deepEqual(stormProblems(good, size), []);
});

for (const wrong of [
  { acknowledged: 999 },
  { lost: 1 },
  { jobs: 999 },
  { refused: 39 },
  { slowestRefusalMs: 1_101 },
  { odd: 1 },
  { residentMiB: 251 },
]) {
  test(`a burst with ${JSON.stringify(wrong)} has one`, () => {
    assert.equal(stormProblems({ ...good, ...wrong }, size).length, 1);
  });
}
