import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import type { ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import { createInterruptible } from './interruptible.ts';

const id = { project: 'demo', slug: 'main' };
const outcome: ReconcileOutcome = { outcome: 'converged', release: 1, applied: [], drift: [] };
const runWith = (signal: AbortSignal) => ({ signal, log: () => undefined, again: false });

/** A reconcile whose first run lasts until it is aborted. */
function endlessOnce() {
  const started = Promise.withResolvers<void>();
  let runs = 0;
  const made = createInterruptible(async (_, { signal }) => {
    runs += 1;
    started.resolve();
    if (runs === 1) await delay(60_000, undefined, { signal });
    return outcome;
  });
  return { ...made, started: started.promise, runs: () => runs };
}

test('a reconcile that is interrupted begins anew and has its outcome all the same', async () => {
  const { reconcile, interrupt, started, runs } = endlessOnce();
  const result = reconcile(id, runWith(new AbortController().signal));
  await started;

  interrupt({ project: 'demo', slug: 'other' });
  assert.equal(runs(), 1);
  interrupt(id);

  assert.equal(await result, outcome);
  assert.equal(runs(), 2);
});

test('a reconcile that is stopped for shutdown does not begin anew', async () => {
  const { reconcile, interrupt, started, runs } = endlessOnce();
  const stop = new AbortController();
  const result = reconcile(id, runWith(stop.signal));
  await started;

  stop.abort();
  interrupt(id);

  await assert.rejects(result, { name: 'AbortError' });
  assert.equal(runs(), 1);
});

test('a failure is a failure, and what has ended cannot be interrupted', async () => {
  const { reconcile, interrupt } = createInterruptible(() => Promise.reject(new Error('no')));

  await assert.rejects(reconcile(id, runWith(new AbortController().signal)), { message: 'no' });
  interrupt(id);
});
