import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRelease } from '../../../../test/support/model.ts';
import { Choice } from '../control/operation.ts';
import { type Deployment, newDeployment } from '../state/deployment.ts';
import { decide } from './decide.ts';

const decision = { by: 'ada', at: '2026-01-01T00:00:00.000Z', why: 'it is slow' };
const earlier = { by: 'bob', at: '2025-01-01T00:00:00.000Z', why: 'earlier' };
const releases = [aRelease(1, 'verified'), aRelease(2, 'failed'), aRelease(3, 'verified'), aRelease(4, 'verified')];
const main: Deployment = { ...newDeployment({ project: 'demo', slug: 'main' }, 'main'), desired: 4, lastSeq: 4 };
const ask = (kind: Choice['kind'], release: number | null = null) =>
  Choice.parse({
    kind,
    project: 'demo',
    branch: 'main',
    by: 'ada',
    why: 'it is slow',
    ...(kind === 'rollback' ? { release } : {}),
  });
const refusal = (pattern: RegExp) => ({ code: 'OPERATION_REFUSED', message: pattern });

test('a rollback without a release takes the newest verified one before the desired one, and pins it', () => {
  assert.deepEqual(decide(ask('rollback'), main, releases, decision), { ...main, desired: 3, pinned: decision });
  assert.equal(decide(ask('rollback'), { ...main, desired: 3 }, releases, decision).desired, 1);
});

test('a second rollback without a release goes one further back', () => {
  const once = decide(ask('rollback'), main, releases, earlier);

  assert.deepEqual(decide(ask('rollback'), once, releases, decision), { ...main, desired: 1, pinned: decision });
});

test('a rollback takes the release asked for, a newer one too', () => {
  assert.equal(decide(ask('rollback', 1), main, releases, decision).desired, 1);
  assert.equal(decide(ask('rollback', 4), { ...main, desired: 1, pinned: earlier }, releases, decision).desired, 4);
});

test('a rollback to a release that failed, is not kept, or does not exist is refused with what can be chosen', () => {
  const list = /kept are 4 \(444444444444, verified, desired\), 3 \(.*, 2 \(222222222222, failed\), 1 \(/;
  assert.throws(() => decide(ask('rollback', 2), main, releases, decision), refusal(/never verified \(failed\)/));
  assert.throws(() => decide(ask('rollback', 9), main, releases, decision), refusal(/keeps no release 9/));
  assert.throws(() => decide(ask('rollback', 9), main, releases, decision), refusal(list));
  assert.throws(
    () => decide(ask('rollback'), { ...main, desired: 1 }, releases, decision),
    refusal(/no verified release before 1; kept are/),
  );
  assert.throws(() => decide(ask('rollback'), main, [], decision), refusal(/no release is kept/));
});

test('asking for what is so already changes nothing, nor who asked first', () => {
  const pinned = { ...main, pinned: earlier };
  const suspended = { ...main, suspended: earlier };

  assert.equal(decide(ask('rollback', 4), pinned, releases, decision), pinned);
  assert.equal(decide(ask('pin'), pinned, releases, decision), pinned);
  assert.equal(decide(ask('unpin'), main, releases, decision), main);
  assert.equal(decide(ask('suspend'), suspended, releases, decision), suspended);
  assert.equal(decide(ask('resume'), main, releases, decision), main);
});

test('a rollback without a release passes over the one a rotation renewed: it is the same output', () => {
  const rotation = { ...decision, of: 4, credential: null };
  const all = [...releases, aRelease(5, 'verified', { rotation })];

  assert.equal(decide(ask('rollback'), { ...main, desired: 5 }, all, decision).desired, 3);
});

test('unpin makes the newest release that did not fail desired', () => {
  const pinned = { ...main, desired: 1, pinned: earlier };

  assert.deepEqual(decide(ask('unpin'), pinned, releases, decision), { ...main, desired: 4, pinned: null });
  assert.equal(decide(ask('unpin'), pinned, [...releases, aRelease(5, 'pending')], decision).desired, 5);
  assert.equal(decide(ask('unpin'), pinned, [...releases, aRelease(5, 'failed')], decision).desired, 4);
});

test('unpin takes the older release whose output the head of the branch has', () => {
  const head = { outcome: 'unchanged' as const, commit: 'c'.repeat(40), release: 3, at: decision.at };

  assert.equal(decide(ask('unpin'), { ...main, head, desired: 3, pinned: earlier }, releases, decision).desired, 3);
});

test('what is not built cannot be pinned, and what is gone is left to be taken down', () => {
  assert.throws(() => decide(ask('pin'), { ...main, desired: null }, [], decision), refusal(/nothing was built/));
  assert.throws(
    () => decide(ask('suspend'), { ...main, present: false }, releases, decision),
    refusal(/no such branch/),
  );
});

test('suspend and resume leave the desired release alone', () => {
  assert.deepEqual(decide(ask('suspend'), main, releases, decision), { ...main, suspended: decision });
  assert.deepEqual(decide(ask('resume'), { ...main, suspended: earlier }, releases, decision), {
    ...main,
    resumed: decision,
  });
});

test('resume brings back what has expired, and says when, so that its time to live counts anew', () => {
  const expired = { at: earlier.at, why: 'nothing was pushed to it for 7 d' };

  assert.deepEqual(decide(ask('resume'), { ...main, expired }, releases, decision), { ...main, resumed: decision });
});

test('a rollback to the very release that is pinned brings it back where it has expired', () => {
  const expired = { at: earlier.at, why: 'nothing was pushed to it for 7 d' };

  assert.deepEqual(decide(ask('rollback', 4), { ...main, pinned: earlier, expired }, releases, decision), {
    ...main,
    pinned: decision,
    resumed: decision,
  });
});

test('a rollback and an unpin bring back what has expired too, and a pin does not', () => {
  const expired = { ...main, expired: { at: earlier.at, why: 'nothing was pushed to it for 7 d' } };

  assert.deepEqual(decide(ask('rollback'), expired, releases, decision), {
    ...main,
    desired: 3,
    pinned: decision,
    resumed: decision,
  });
  assert.deepEqual(decide(ask('unpin'), { ...expired, pinned: earlier }, releases, decision), {
    ...main,
    resumed: decision,
  });
  assert.deepEqual(decide(ask('pin'), expired, releases, decision), { ...expired, pinned: decision });
});

test('what a person suspends is no more asleep', () => {
  const asleep = { at: earlier.at, why: '3 previews were live' };

  assert.equal(decide(ask('suspend'), { ...main, asleep }, releases, decision).asleep, null);
});
