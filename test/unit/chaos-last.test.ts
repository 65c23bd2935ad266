import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { judgeLast } from '../chaos/judge-last.ts';
import { branches } from '../chaos/schedule.ts';

const taken = branches.map((branch) => ({ delivery: `d-${branch}`, branch, at: 1_000 }));

/** What is on record of each, where the one of `feat` came to another end. */
function recorded(outcome: string | null): ShownDelivery[] {
  const answer = { status: 202, outcome: 'queued', reason: null, failure: null, ms: 3 };
  return taken.map(({ delivery, branch }, seq) => {
    const end = branch === 'feat' ? outcome : 'built';
    const ended = end === null ? null : { at: 2_000, outcome: end, reason: null };
    const line = { seq, at: 1_000, project: 'demo', forge: 'github', delivery, event: 'push', source: '', ...answer };
    return { ...line, branches: [{ branch, commit: 'c', job: 'j', outcome: 'queued', reason: null, ended }] };
  });
}

for (const end of ['built', 'unchanged']) {
  test(`last pushes of which one was ${end} came to the end they should`, () => {
    assert.deepEqual(judgeLast(taken, recorded(end)), []);
  });
}

for (const end of ['failed', 'superseded', 'cancelled', 'overtaken', null]) {
  test(`a last push whose end is ${end} is told`, () => {
    assert.equal(judgeLast(taken, recorded(end)).length, 1);
  });
}

test('a last push that was refused, or is not on record, is told', () => {
  assert.deepEqual(judgeLast(taken.slice(0, -1), recorded('built')), ['the last push to feat was refused']);
  assert.equal(judgeLast(taken, recorded('built').slice(0, -1)).length, 1);
});
