import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRelease } from '../../../../test/support/model.ts';
import { newDeployment } from '../state/deployment.ts';
import { undone } from './undone.ts';

const at = '2026-01-01T00:00:00.000Z';
const commit = 'a'.repeat(40);
const decision = { by: 'ada', at, why: '' };
const before = { ...newDeployment({ project: 'demo', slug: 'main' }, 'main'), desired: 6, lastSeq: 6 };
const releases = [3, 5, 6, 7].map((seq) => aRelease(seq, 'verified'));
const after = { ...before, desired: 3, pinned: decision };

test('a rollback is undone, and what was recorded of the head meanwhile stays', () => {
  const failed = { outcome: 'failed', commit, code: 'BUILD_FAILED', message: 'no', at } as const;

  assert.deepEqual(undone(after, before, after, releases), before);
  assert.deepEqual(undone({ ...after, head: failed }, before, after, releases), { ...before, head: failed });
});

test('what was built meanwhile is desired once the rollback is undone, unless something was pinned before', () => {
  const built = { lastSeq: 7, head: { outcome: 'released', commit, release: 7, at } } as const;
  const pinned = { ...before, pinned: { ...decision, by: 'bob' } };

  assert.deepEqual(undone({ ...after, ...built }, before, after, releases), { ...before, ...built, desired: 7 });
  assert.deepEqual(undone({ ...after, ...built }, pinned, after, releases), { ...pinned, ...built });
});

test('so it is where a run after a crash, which found all that on record, undoes it', () => {
  const built = { lastSeq: 7, head: { outcome: 'released', commit, release: 7, at } } as const;
  const found = { ...after, ...built };

  assert.equal(undone(found, before, found, releases)?.desired, 7);
  const renewed = { ...before, desired: 7, ...built }; // by a rotation, which is what stands for the head then
  assert.equal(undone(renewed, before, renewed, releases)?.desired, 6);
});

test('what somebody decided since is not undone', () => {
  assert.equal(undone({ ...after, desired: 5 }, before, after, releases), null);
  assert.equal(undone({ ...after, pinned: null }, before, after, releases), null);
  assert.equal(undone({ ...after, expired: { at, why: 'deleted by bob' } }, before, after, releases), null);
});

test('a release that had failed and is gone since is not made desired again: the newest verified one is', () => {
  const renewed = { ...before, desired: 7, lastSeq: 7 };
  const left = [aRelease(4, 'verified'), aRelease(5, 'verified'), aRelease(7, 'failed')];

  assert.equal(undone(renewed, before, renewed, left)?.desired, 5);
  assert.equal(undone(renewed, before, renewed, [...left, aRelease(6, 'failed')])?.desired, 6);
  assert.equal(undone(renewed, before, renewed, [])?.desired, 6, 'where none is left the next build has to help');
});
