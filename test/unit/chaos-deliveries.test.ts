import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownDelivery, ShownEnd } from '@bough/core/ledger/delivery-line.ts';
import type { Deed } from '../chaos/deed.ts';
import { judgeDeliveries } from '../chaos/judge-deliveries.ts';
import type { Fault } from '../chaos/schedule.ts';

const acknowledged = [{ delivery: 'd1', branch: 'feat', at: 1_000 }];
const broken = (what: Fault, from: number): Deed => ({ action: { do: 'break', what }, from, to: from + 10 });
const emptied = broken('empty-redis', 5_000);
const killed = broken('kill-receiver', 1_100);

/** The line of a delivery whose job came to this end. */
function recorded(ended: Omit<ShownEnd, 'at'> | null, status = 202): ShownDelivery[] {
  const branch = { branch: 'feat', commit: 'c', job: 'j', outcome: 'queued', reason: null };
  const line = { seq: 1, at: 1_000, project: 'demo', forge: 'github', delivery: 'd1', event: 'push', source: '' };
  const answer = { status, outcome: 'queued', reason: null, failure: null, ms: 3 };
  return [{ ...line, ...answer, branches: [{ ...branch, ended: ended && { ...ended, at: 2_000 } }] }];
}

const built = recorded({ outcome: 'built', reason: null });
const refusedAgain = recorded({ outcome: 'overtaken', reason: 'it was refused; overtaken' }, 503);

for (const [what, line, deeds] of [
  ['that was refused when it was sent again', [...refusedAgain, ...built], []],
  ['whose job was built', built, []],
  ['whose job failed with a code', recorded({ outcome: 'failed', reason: 'BUILD_FAILED: app' }), []],
  ['whose job was lost with Redis', recorded({ outcome: 'built', reason: 'its job was lost; healed' }), [emptied]],
  ['lost with the receiver, and its job with Redis', [], [killed, emptied]],
] as const) {
  test(`a delivery ${what} is in order`, () => {
    assert.deepEqual(judgeDeliveries(acknowledged, line, deeds), []);
  });
}

for (const [what, line, deeds] of [
  ['that is not on record', [], []],
  ['that is on record only as it was refused later', refusedAgain, []],
  ['that is not on record after Redis was emptied', [], [emptied]],
  ['that is not on record after the receiver was killed', [], [killed]],
  ['lost with a receiver that was killed much later', [], [broken('kill-receiver', 4_000), emptied]],
  ['without an end', recorded(null), [killed, emptied]],
  ['whose job was lost with nothing', recorded({ outcome: 'built', reason: 'its job was lost; healed' }), [killed]],
  ['whose job was lost before Redis was emptied', recorded({ outcome: 'x', reason: 'its job was lost' }), []],
  ['whose job failed without a code', recorded({ outcome: 'failed', reason: 'TypeError: x is no function' }), []],
  ['with an end nobody knows', recorded({ outcome: 'stalled', reason: null }), []],
] as const) {
  test(`a delivery ${what} is told`, () => {
    assert.equal(judgeDeliveries(acknowledged, line, deeds).length, 1);
  });
}

test('a delivery that was sent again may have lost the job whose answer came before Redis was emptied, and no other', () => {
  const end = { outcome: 'overtaken', reason: 'its job was lost; overtaken' };
  const line = (seq: number, ended: Omit<ShownEnd, 'at'>) => recorded(ended).map((each) => ({ ...each, seq }));
  const fine = { outcome: 'built', reason: null };
  const again = [...acknowledged, { delivery: 'd1', branch: 'feat', at: 9_000 }];
  const flushed = broken('flush-redis', 9_500);

  assert.deepEqual(judgeDeliveries(again, [...line(2, fine), ...line(1, end)], [emptied]), []);
  assert.equal(judgeDeliveries(again, [...line(2, end), ...line(1, fine)], [emptied]).length, 1);
  assert.equal(judgeDeliveries(again, [...line(2, end), ...line(1, end)], [emptied]).length, 1);
  assert.deepEqual(judgeDeliveries(again, [...line(2, end), ...line(1, end)], [emptied, flushed]), []);
  assert.deepEqual(judgeDeliveries(again, line(2, end), [emptied]), [], 'which of them is on record cannot be told');
});
