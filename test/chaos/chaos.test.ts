import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed } from './run.ts';
import { describeEvent } from './schedule.ts';

test('after the pushes and faults of seed 1 all is as the forge has it, and main never failed', async (t) => {
  const { events, problems, ...figures } = await runSeed(1, 20);

  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual(problems, [], events.map(describeEvent).join('\n'));
});
