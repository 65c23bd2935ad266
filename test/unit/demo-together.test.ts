import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { together } from '../../script/lib/demo/together.ts';

const { signal } = new AbortController();

test('both results, in their order', async () => {
  assert.deepEqual(
    await together(
      signal,
      async () => 1,
      async () => 'two',
    ),
    [1, 'two'],
  );
});

test('the one that goes on when the other fails is aborted, and has ended before the failure is told', async () => {
  const full = new Error('No space left on device');
  const said: string[] = [];

  await assert.rejects(
    together(
      signal,
      async () => {
        throw full;
      },
      async (either) => {
        await once(either, 'abort');
        await new Promise(setImmediate); // what it is at takes a moment to end
        said.push('ended');
        throw either.reason;
      },
    ),
    full,
  );

  assert.deepEqual(said, ['ended']);
});

test('both hear of the signal of the caller', async () => {
  const stop = new AbortController();
  const reasons: unknown[] = [];
  const wait = async (either: AbortSignal) => {
    await once(either, 'abort');
    reasons.push(either.reason);
    throw either.reason;
  };
  const both = together(stop.signal, wait, wait);

  stop.abort('SIGINT');

  await assert.rejects(both, (error) => error === 'SIGINT');
  assert.deepEqual(reasons, ['SIGINT', 'SIGINT']);
});
