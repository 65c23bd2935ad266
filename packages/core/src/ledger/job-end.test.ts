import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobEnd } from './job-end.ts';

const commit = 'c'.repeat(40);
const times = { timestamp: 3, processedOn: 5, finishedOn: 7 };
const finished = { id: 'sweep-1', ...times, returned: null, failedReason: null };
const data = { project: 'demo', branch: 'x', asked: { by: 'sweep' }, seen: commit };

test('a build that went well ends as its outcome says', () => {
  assert.deepEqual(jobEnd({ ...finished, data, returned: { outcome: 'unchanged', commit, reason: 'same' } }), {
    job: 'sweep-1',
    began: 5,
    at: 7,
    outcome: 'unchanged',
    reason: 'same',
    project: 'demo',
    branch: 'x',
    commit,
    bySweep: true,
    isSweep: false,
    madeFor: null,
  });
});

test('a job made for a delivery names it, and a sweep says that it is one', () => {
  const asked = { by: 'delivery', delivery: 'd-1' };

  const build = jobEnd({ ...finished, data: { ...data, asked } });
  const sweep = jobEnd({ ...finished, processedOn: null, data: { asked } });

  assert.deepEqual([build.isSweep, build.madeFor], [false, { delivery: 'd-1', at: 3, commit }]);
  assert.deepEqual([sweep.isSweep, sweep.project, sweep.began], [true, null, 7]);
  assert.deepEqual(sweep.madeFor, { delivery: 'd-1', at: 3, commit: null });
});

test('a failure is told by its first line, without control characters', () => {
  const { outcome, reason } = jobEnd({ ...finished, data, failedReason: 'BUILD_FAILED: \u001b[31mno\nlog' });

  assert.deepEqual([outcome, reason], ['failed', 'BUILD_FAILED: no']);
});

test('a superseded build names the commit that replaced it', () => {
  const returned = { outcome: 'superseded', commit, by: 'd'.repeat(40) };

  assert.equal(jobEnd({ ...finished, data, returned }).reason, 'replaced by dddddddddddd');
});

test('the data of a job that is not ours is no branch', () => {
  for (const odd of [null, 'x', { project: 1 }]) {
    const { project, branch, outcome, isSweep, madeFor } = jobEnd({ ...finished, data: odd });
    assert.deepEqual([project, branch, outcome, isSweep, madeFor], [null, null, 'done', false, null]);
  }
});
