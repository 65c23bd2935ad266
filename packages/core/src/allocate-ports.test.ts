import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocatePorts } from './allocate-ports.ts';
import { AppError } from './app-error.ts';

const range = { from: 20_000, to: 20_002 };

test('each service gets the lowest port nobody has', () => {
  assert.deepEqual(allocatePorts(['web', 'api'], range, new Set([20_001])), { web: 20_000, api: 20_002 });
});

test('a full range is told as such', () => {
  assert.throws(
    () => allocatePorts(['web'], range, new Set([20_000, 20_001, 20_002])),
    (error) => error instanceof AppError && error.code === 'PORTS_EXHAUSTED',
  );
});
