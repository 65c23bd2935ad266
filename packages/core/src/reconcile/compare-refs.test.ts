import assert from 'node:assert/strict';
import test from 'node:test';
import { type Deployment, newDeployment } from '../state/deployment.ts';
import { compareRefs } from './compare-refs.ts';

const commit = 'c'.repeat(40);
const filter = { production: 'main', include: ['**'], exclude: ['wip/**'] };
const none = new Map<string, Set<number>>();
const live = (branch: string, slug = branch): Deployment => ({
  ...newDeployment({ project: 'demo', slug }, branch),
  desired: 1,
  lastSeq: 1,
  head: { outcome: 'released', commit, release: 1, at: '2026-01-01T00:00:00.000Z' },
});

test('a branch nothing is recorded of is built, and one that stands is left alone', () => {
  const heads = new Map([
    ['main', commit],
    ['x', commit],
  ]);

  assert.deepEqual(compareRefs(heads, [live('main')], new Map([['main', new Set([1])]]), filter), [
    { kind: 'build', branch: 'x', commit, reason: 'nothing is recorded for the branch' },
  ]);
});

test('a branch the forge has no more is removed', () => {
  assert.deepEqual(compareRefs(new Map(), [live('x')], none, filter), [
    { kind: 'remove', slug: 'x', branch: 'x', reason: 'the forge has no such branch' },
  ]);
});

test('an excluded branch is not built, and what is deployed of it is removed, with that reason', () => {
  const heads = new Map([
    ['wip/new', commit],
    ['wip/old', commit],
  ]);

  assert.deepEqual(compareRefs(heads, [live('wip/old', 'wip-old-0123abcd')], none, filter), [
    {
      kind: 'remove',
      slug: 'wip-old-0123abcd',
      branch: 'wip/old',
      reason: 'the project excludes branches that match wip/**',
    },
  ]);
});

test('what is being removed already is not removed again', () => {
  assert.deepEqual(compareRefs(new Map([['wip/x', commit]]), [{ ...live('wip/x'), present: false }], none, filter), []);
});
