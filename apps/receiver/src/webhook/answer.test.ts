import assert from 'node:assert/strict';
import test from 'node:test';
import { answerOf, jobsOf } from './answer.ts';

test('the ending of the only ref is the answer', () => {
  assert.deepEqual(answerOf([{ ref: 'refs/heads/x', outcome: 'queued', job: 'j' }]), {
    status: 202,
    outcome: 'queued',
    job: 'j',
  });
  assert.deepEqual(answerOf([{ ref: 'refs/tags/v1', outcome: 'ignored', reason: 'a tag' }]), {
    status: 200,
    outcome: 'ignored',
    reason: 'a tag',
  });
});

test('of several refs, each has its ending, and the one that asks for most is that of the delivery', () => {
  const refs = [
    { ref: 'refs/tags/v1', outcome: 'ignored', reason: 'a tag' },
    { ref: 'refs/heads/x', outcome: 'joined', reason: 'an earlier job', job: 'a' },
    { ref: 'refs/heads/y', outcome: 'queued', job: 'b' },
    { ref: 'refs/heads/z', outcome: 'joined', reason: 'an earlier job', job: 'a' },
  ] as const;
  const answer = answerOf(refs);

  assert.deepEqual(answer, { status: 202, outcome: 'queued', reason: '3 of 4 refs lead to a job', refs });
  assert.deepEqual(jobsOf(answer), ['a', 'b']);
});

test('several refs of which none is for Bough are answered as ignored', () => {
  const refs = [
    { ref: 'refs/tags/v1', outcome: 'ignored', reason: 'a tag' },
    { ref: 'refs/tags/v2', outcome: 'ignored', reason: 'a tag' },
  ] as const;

  assert.deepEqual(answerOf(refs), { status: 200, outcome: 'ignored', reason: '0 of 2 refs lead to a job', refs });
});
