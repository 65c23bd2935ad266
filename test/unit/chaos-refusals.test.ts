import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deed } from '../chaos/deed.ts';
import { judgeRefusals } from '../chaos/judge-refusals.ts';
import type { Fault } from '../chaos/schedule.ts';

const broken = (what: Fault, from: number): Deed => ({ action: { do: 'break', what }, from, to: from + 1_500 });
const killed = broken('kill-receiver', 10_000);
const frozen = broken('freeze-receiver', 10_000);

for (const [what, status, from, to, deeds] of [
  ['503 within a second', 503, 1_000, 2_000, []],
  ['nothing by a receiver that was killed', 0, 10_500, 10_510, [killed]],
  ['nothing by one that is not up again', 0, 14_000, 14_010, [killed]],
  ['nothing by one that was killed while it was asked', 0, 9_900, 10_100, [killed]],
  ['503 late by one that was frozen', 503, 10_100, 12_500, [frozen]],
] as const) {
  test(`to answer ${what} is right`, () => {
    assert.deepEqual(judgeRefusals([{ branch: 'feat', status, from, to }], deeds), []);
  });
}

for (const [what, status, from, to, deeds] of [
  ['503 late', 503, 1_000, 3_100, [broken('freeze-redis', 1_000)]],
  ['nothing', 0, 1_000, 1_010, []],
  ['nothing while Redis is killed', 0, 1_000, 1_010, [broken('kill-redis', 1_000)]],
  ['nothing long after it was killed', 0, 40_000, 40_010, [killed]],
  ['nothing before it was killed', 0, 1_000, 1_010, [killed]],
  ['that it failed', 500, 10_500, 10_510, [killed]],
  ['that it knows no such project', 404, 1_000, 1_010, []],
] as const) {
  test(`to answer ${what} is told`, () => {
    assert.equal(judgeRefusals([{ branch: 'feat', status, from, to }], deeds).length, 1);
  });
}
