import assert from 'node:assert/strict';
import test from 'node:test';
import type { BranchFilter } from '../branch-patterns.ts';
import { type Deployment, newDeployment } from '../state/deployment.ts';
import { compareRefs as compareRefsWith } from './compare-refs.ts';

const commit = 'c'.repeat(40);
const filter = { production: 'main', include: ['**'], exclude: ['wip/**'] };
const none = new Map<string, Set<number>>();
const live = (branch: string, slug = branch): Deployment => ({
  ...newDeployment({ project: 'demo', slug }, branch),
  desired: 1,
  lastSeq: 1,
  head: { outcome: 'released', commit, release: 1, at: '2026-01-01T00:00:00.000Z' },
});

/** With slugs that are the names in lower case: `X` and `x` stand for two names that have one slug. */
const compareRefs = (
  heads: ReadonlyMap<string, string>,
  deployments: readonly Deployment[],
  releases: ReadonlyMap<string, ReadonlySet<number>>,
  of: BranchFilter,
) => compareRefsWith(heads, deployments, releases, of, (branch) => branch.toLowerCase());

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

test('of two branches that have one slug only the one on record is built, and the other is noted once, until it is gone', () => {
  const other = 'd'.repeat(40);
  const both = new Map([
    ['X', other],
    ['x', other],
  ]);
  const noted = { ...live('x'), rivals: ['X'] };
  const moved = `its head moved from ${commit.slice(0, 12)}`;

  assert.deepEqual(compareRefs(both, [live('x')], none, filter), [
    { kind: 'build', branch: 'x', commit: other, reason: moved },
    { kind: 'rivals', slug: 'x', branch: 'x', rivals: ['X'] },
  ]);
  assert.deepEqual(compareRefs(both, [noted], none, filter), [
    { kind: 'build', branch: 'x', commit: other, reason: moved },
  ]);
  assert.deepEqual(compareRefs(new Map([['x', other]]), [noted], none, filter), [
    { kind: 'build', branch: 'x', commit: other, reason: moved },
    { kind: 'rivals', slug: 'x', branch: 'x', rivals: [] },
  ]);
});

test('a branch whose slug another has waits until that one is gone with all it had', () => {
  const heads = new Map([['X', commit]]);

  assert.deepEqual(compareRefs(heads, [{ ...live('x'), rivals: ['X'] }], none, filter), [
    { kind: 'remove', slug: 'x', branch: 'x', reason: 'the forge has no such branch' },
  ]);
  assert.deepEqual(compareRefs(heads, [{ ...live('x'), present: false }], none, filter), []);
  assert.deepEqual(compareRefs(heads, [], none, filter), [
    { kind: 'build', branch: 'X', commit, reason: 'nothing is recorded for the branch' },
  ]);
});

test('of two branches that have one slug and are both new the first is built', () => {
  const heads = new Map([
    ['X', commit],
    ['x', commit],
  ]);

  assert.deepEqual(
    compareRefs(heads, [], none, filter).map((finding) => finding.branch),
    ['X'],
  );
});

test('a release that is to serve and is lost is built from a head that was skipped, unless a person pinned it', () => {
  const skipped = { outcome: 'skipped', commit, reason: 'no', at: '2026-01-01T00:00:00.000Z' } as const;
  const deployment: Deployment = { ...live('x'), head: skipped };
  const pinned = { by: 'ada', at: skipped.at, why: '' };
  const heads = new Map([['x', commit]]);

  assert.deepEqual(compareRefs(heads, [deployment], new Map([['x', new Set([1])]]), filter), []);
  assert.deepEqual(compareRefs(heads, [deployment], none, filter), [
    { kind: 'build', branch: 'x', commit, reason: 'the record or the output of release 1, which is to serve, is lost' },
  ]);
  assert.deepEqual(compareRefs(heads, [{ ...deployment, pinned }], none, filter), []);
});
