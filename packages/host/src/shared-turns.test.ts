import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedTurns } from './shared-turns.ts';

/** Turns whose runs end when they are told to. */
function turns() {
  const runs: PromiseWithResolvers<string>[] = [];
  const keys: string[] = [];
  const ask = createSharedTurns(
    (key) => {
      const run = Promise.withResolvers<string>();
      runs.push(run);
      keys.push(key);
      return run.promise;
    },
    undefined,
    (key) => key,
  );
  const settled = async () => await new Promise((resolve) => setImmediate(resolve));
  return { ask, runs, keys, settled };
}

test('who asks while a run is under way has the next, together with all others, and there are never two at once', async () => {
  const { ask, runs, settled } = turns();
  const first = ask('x');
  await settled();
  const others = [ask('x'), ask('x'), ask('x')];
  await settled();
  assert.equal(runs.length, 1);

  runs[0]?.resolve('first');
  assert.equal(await first, 'first');
  await settled();
  const later = ask('x');
  await settled();
  assert.equal(runs.length, 2);

  runs[1]?.resolve('second');
  assert.deepEqual(await Promise.all(others), ['second', 'second', 'second']);
  await settled();
  runs[2]?.resolve('third');
  assert.equal(await later, 'third');
});

test('a run that fails fails for those who had it alone, and no other key waits for it', async () => {
  const { ask, runs, keys, settled } = turns();
  const first = ask('x');
  await settled();
  const second = ask('x');
  const other = ask('y');
  await settled();
  assert.deepEqual(keys, ['x', 'y']);

  runs[0]?.reject(new Error('no'));
  runs[1]?.resolve('y');

  await assert.rejects(first, { message: 'no' });
  assert.equal(await other, 'y');
  await settled();
  runs[2]?.resolve('second');
  assert.equal(await second, 'second');
});
