import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRunHere } from './replay.ts';
import { runSeed } from './run.ts';

test('after the pushes and faults of seed 1 all is as the forge has it, and main never failed', async (t) => {
  const { events, problems, ...figures } = await runSeed(1, 20);

  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual(problems, [], await describeRunHere(1, events));
});
