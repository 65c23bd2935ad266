import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobLine, OpenLine } from './delivery-line.ts';
import { overtakenBy, overtakerOf, overtakes } from './overtaken.ts';

const commit = 'a'.repeat(40);
const open: OpenLine = {
  project: 'demo',
  branch: 'x',
  commit,
  at: 10,
  job: 'lost',
  isRefused: false,
  awaited: ['lost'],
  joined: null,
};
const build: JobLine = {
  job: 'later',
  began: 11,
  at: 20,
  outcome: 'built',
  reason: null,
  project: 'demo',
  branch: 'x',
  commit: 'b'.repeat(40),
  bySweep: false,
  isSweep: false,
  madeFor: null,
};
const sweep: JobLine = { ...build, outcome: 'done', branch: null, commit: null, isSweep: true };

for (const [what, line, told, expected] of [
  ['a later build of the branch', build, open, true],
  ['a build that had begun before', { ...build, began: 10 }, open, false],
  ['a build of another branch', { ...build, branch: 'y' }, open, false],
  ['a build of another project', { ...build, project: 'other' }, open, false],
  ['a build that failed, and may never have looked', { ...build, outcome: 'failed' }, open, false],
  ['a later sweep of the project', sweep, open, true],
  ['a later sweep of all projects', { ...sweep, project: null }, open, true],
  ['a sweep of another project', { ...sweep, project: 'other' }, open, false],
  ['a sweep that could not look at all', { ...sweep, outcome: 'failed' }, open, false],
  ['a later sweep, where the branch was deleted', sweep, { ...open, branch: null, commit: null }, true],
  ['a build, where a branch was deleted', build, { ...open, branch: null, commit: null }, false],
  ['what is neither build nor sweep', { ...sweep, isSweep: false }, { ...open, branch: null }, false],
] as const) {
  test(`a lost job is${expected ? '' : ' not'} overtaken by ${what}`, () => {
    assert.equal(overtakes(line, told, 20), expected);
  });
}

test('a job lost before the clock was put back is overtaken by what began since, not by what had begun before', () => {
  const [told, now] = [1e9, 5e8];
  const line = { ...open, at: told };

  assert.equal(overtakes({ ...sweep, began: now - 10, at: now }, line, now), true);
  assert.equal(overtakes({ ...sweep, began: told - 10, at: now }, line, now), false);
  assert.equal(overtakes({ ...sweep, began: told + 10, at: now }, line, now), true);
  const ahead = { ...open, at: now + 5_000 };
  assert.equal(
    overtakes({ ...sweep, began: now - 10, at: now }, ahead, now),
    false,
    'so far a clock is set all the time',
  );
});

test('what was overtaken ends so, and as the other job where both are about one commit', () => {
  const other = overtakenBy(build, open);
  const same = overtakenBy({ ...build, commit }, open);

  assert.deepEqual([other.job, other.at, other.outcome], ['lost', 20, 'overtaken']);
  assert.equal(other.reason, 'its job was lost; overtaken by later at 1970-01-01T00:00:00.020Z');
  assert.deepEqual([same.job, same.outcome], ['lost', 'built']);
});

test('what the sweep built of the very commit healed it, whether its job was lost or refused', () => {
  const swept = { ...build, commit, bySweep: true };

  assert.equal(overtakenBy(swept, open).reason, 'its job was lost; healed by the sweep at 1970-01-01T00:00:00.020Z');
  const refused = overtakenBy(swept, { ...open, isRefused: true });
  assert.equal(refused.reason, 'it was refused; healed by the sweep at 1970-01-01T00:00:00.020Z');
  assert.equal(refused.outcome, 'built');
});

test('of several jobs that overtook it, the one about its very commit is told of', () => {
  const same = { ...build, job: 'same', commit };

  assert.equal(overtakerOf([sweep, build, same], open, 20), same);
  assert.equal(overtakerOf([{ ...same, began: 10 }, sweep, build], open, 20), sweep);
  assert.equal(overtakerOf([{ ...build, began: 10 }], open, 20), undefined);
});
