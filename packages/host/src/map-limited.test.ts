import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapLimited } from './map-limited.ts';

test('results come in the order of the items, whichever is done first', async () => {
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const results = mapLimited([0, 1, 2], 3, async (item) => {
    await gates[item]?.promise;
    return `done ${item}`;
  });

  for (const gate of gates.toReversed()) gate.resolve();

  assert.deepEqual(await results, ['done 0', 'done 1', 'done 2']);
});

test('no more than the limit are at work at once, and one that takes long holds nothing but its own place', async () => {
  const slow = Promise.withResolvers<void>();
  let atWork = 0;
  let most = 0;
  const done: number[] = [];
  const all = mapLimited([0, 1, 2, 3, 4], 2, async (item) => {
    atWork += 1;
    most = Math.max(most, atWork);
    if (item === 0) await slow.promise;
    else await Promise.resolve();
    atWork -= 1;
    done.push(item);
    if (item === 4) slow.resolve();
  });

  await all;

  assert.equal(most, 2);
  assert.deepEqual(done, [1, 2, 3, 4, 0]);
});

test('after a failure nothing new is begun, and it is thrown once the rest has ended', async () => {
  const begun: number[] = [];

  const all = mapLimited([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 0) throw new Error('no');
  });

  await assert.rejects(all, /^Error: no$/);
  assert.deepEqual(begun, [0, 1]);
});
