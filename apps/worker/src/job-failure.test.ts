import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { UnrecoverableError } from 'bullmq';
import { toJobFailure } from './job-failure.ts';

test('a failure shows its class, what caused it and the last lines of the tool', () => {
  const cause = new Error('exit code 1');
  const failure = toJobFailure(
    new AppError('BUILD_FAILED', 'app cannot be built', { cause, log: ['make: ***', 'oh no'] }),
  );

  assert.equal(failure.message, 'BUILD_FAILED: app cannot be built\ncaused by: exit code 1\n\nmake: ***\noh no');
  assert.equal(failure.stack, failure.message);
});

test('only a class that may pass by itself is tried again', () => {
  assert.ok(!(toJobFailure(new AppError('SOURCE_FETCH', 'x')) instanceof UnrecoverableError));
  assert.ok(!(toJobFailure(new AppError('QUEUE_UNAVAILABLE', 'x')) instanceof UnrecoverableError));
  assert.ok(toJobFailure(new AppError('BUILD_FAILED', 'x')) instanceof UnrecoverableError);
  assert.ok(toJobFailure(new TypeError('a bug')) instanceof UnrecoverableError);
});

test('a failure stays below 4 KiB and keeps both the class and the very last line', () => {
  const log = Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(500)}`);
  const { message } = toJobFailure(new AppError('EVAL_ERROR', 'y'.repeat(5_000), { log: [...log, 'the end'] }));

  assert.ok(message.length <= 4_096, String(message.length));
  assert.ok(message.startsWith('EVAL_ERROR: yyy'));
  assert.ok(message.endsWith('\nthe end'));
});
