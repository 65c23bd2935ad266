import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step } from '@bough/core/reconcile/step.ts';
import { aRelease } from '../../../../test/support/model.ts';
import { watchServing } from './watch-serving.ts';

const verify: Step = { kind: 'verify', seq: 2, settles: true, reason: '' };
const change: Step = { kind: 'switch', seq: 2, reason: '' };
const drain: Step = { kind: 'drain', reason: '' };
const isPending = async (promise: Promise<unknown>) =>
  (await Promise.race([promise, Promise.resolve('pending')])) === 'pending';

test('a release serves once it is verified and switched to, before the old one has drained', async () => {
  const watch = watchServing(2);
  watch.onPlan({ steps: [verify, change, drain], drift: [], blocks: [] }, aRelease(2));

  watch.onStep(verify);
  assert.ok(await isPending(watch.promise));
  assert.equal(watch.switched(), false);
  watch.onStep(change);

  assert.deepEqual((await watch.promise).drift, []);
  assert.equal(watch.switched(), true);
});

test('a release that has nothing left to bring it up serves already', async () => {
  const watch = watchServing(2);

  watch.onPlan({ steps: [drain], drift: ['a mask'], blocks: [] }, aRelease(2));

  assert.deepEqual((await watch.promise).drift, ['a mask']);
});

test('another release, none, or what takes the place of one that failed is not taken for it', async () => {
  const watch = watchServing(2);

  watch.onPlan({ steps: [], drift: [], blocks: [] }, null);
  watch.onPlan({ steps: [], drift: [], blocks: [] }, aRelease(1));

  assert.ok(await isPending(watch.promise));
});

test('a release a person keeps from being started does not pass for one that serves', async () => {
  const watch = watchServing(2);

  watch.onPlan({ steps: [], drift: ['a mask'], blocks: ['a mask'] }, aRelease(2));

  assert.equal(await Promise.race([watch.promise, Promise.resolve('pending')]), 'pending');
});
