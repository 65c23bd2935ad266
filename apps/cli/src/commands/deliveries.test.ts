import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownBranch, ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { rowsOf } from './deliveries.ts';

const delivery: Omit<ShownDelivery, 'branches'> = {
  seq: 1,
  at: 0,
  project: 'demo',
  forge: 'git',
  delivery: 'id',
  event: 'push',
  source: '192.0.2.1',
  status: 202,
  outcome: 'queued',
  reason: '1 of 2 refs lead to a job',
  failure: null,
  ms: 1,
};
const built: ShownBranch = {
  branch: 'x',
  commit: 'a'.repeat(40),
  job: 'job-x',
  outcome: 'queued',
  reason: null,
  ended: { at: 1, outcome: 'built', reason: null },
};
const tag: ShownBranch = {
  branch: 'refs/tags/v1',
  commit: null,
  job: null,
  outcome: 'ignored',
  reason: 'a tag, not a branch',
  ended: null,
};
const endings = (branches: readonly ShownBranch[]) => rowsOf({ ...delivery, branches }, 0).map((row) => row.at(-1));

test('of several branches each that has no job says why, which the answer does not', () => {
  assert.deepEqual(endings([built, tag]), ['built', 'ignored: a tag, not a branch']);
  assert.deepEqual(endings([tag]), ['–'], 'of one alone the answer has said it');
  assert.deepEqual(endings([{ ...built, ended: null }, tag])[0], 'not ended yet');
  assert.deepEqual(endings([]), ['–']);
});
