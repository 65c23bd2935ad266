import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.ts';

test('a condition is asked until it gives something, which is returned', async () => {
  const answers = [false, null, undefined, 0];

  assert.equal(await until('it gives something', () => answers.shift()), 0);
});

test('a condition that is never met is given up at the deadline, and named', async () => {
  await assert.rejects(
    until('the sky falls', () => false, 50),
    /^Error: not within 50 ms: the sky falls$/,
  );
});

test('a condition that never answers is given up at the deadline, and named', async () => {
  const { promise: never } = Promise.withResolvers<boolean>();

  await assert.rejects(
    until('the frozen one answers', () => never, 50),
    /^Error: not within 50 ms: the frozen one answers$/,
  );
});

test('what a condition throws is thrown', async () => {
  await assert.rejects(
    until('it is well', () => Promise.reject(new Error('it is not'))),
    /^Error: it is not$/,
  );
});
