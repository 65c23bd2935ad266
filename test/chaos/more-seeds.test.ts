// One Debian is enough: seed 1 is played on both, by `chaos.test.ts`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRunHere } from './replay.ts';
import { runSeed } from './run.ts';

for (const seed of [2, 3]) {
  test(`after the pushes and faults of seed ${seed} all is as the forge has it, and main never failed`, async (t) => {
    const { events, problems, ...figures } = await runSeed(seed, 20);

    t.diagnostic(JSON.stringify(figures));
    assert.deepEqual(problems, [], await describeRunHere(seed, events));
  });
}
