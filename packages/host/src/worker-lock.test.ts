import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { stuckAction } from '@bough/core/progress/progress.ts';
import { tempHost } from '../../../test/support/temp-host.ts';
import { until } from '../../../test/support/until.ts';
import { createActions } from './progress/actions.ts';
import { acquireWorkerLock } from './worker-lock.ts';
import { writeLockOwner } from './worker-lock/lock-owner.ts';
import { findLockHolders } from './worker-lock/find-lock-holders.ts';

test('what holds the worker lock and cannot be ended is waited for by name, for so long, and named', async (t) => {
  const { layout, log } = tempHost(t);
  mkdirSync(dirname(layout.lock), { recursive: true });
  writeFileSync(layout.lock, '');
  const holder = spawn('flock', [layout.lock, 'sleep', '600'], { stdio: 'ignore', detached: true });
  t.after(async () => {
    process.kill(-(holder.pid ?? 0), 'SIGKILL');
    await once(holder, 'exit');
  });
  await until('the lock is held', () => findLockHolders(layout.lock).length > 0);
  const actions = createActions();
  const { signal } = new AbortController();

  const acquiring = acquireWorkerLock(layout.lock, { log, signal, actions, orphansSec: 1 });
  const waiting = until('it is noted', () => actions.list()[0]?.what);

  await assert.rejects(acquiring, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'WORKER_LOCKED');
    assert.match(error.message, new RegExp(`worker.lock is held on for 1 s .*: end process .*\\b${holder.pid}\\b`));
    return true;
  });
  assert.equal(await waiting, 'waiting for the worker lock, which outlives its owner');
  assert.deepEqual(actions.list(), []);
});

test('a standby says whom it waits for, and is not stuck however long that lives', async (t) => {
  const { layout, log } = tempHost(t);
  mkdirSync(dirname(layout.lock), { recursive: true });
  writeLockOwner(layout.lock);
  let now = 0;
  const actions = createActions(() => now);
  const stop = new AbortController();

  const acquiring = acquireWorkerLock(layout.lock, { log, signal: stop.signal, actions });
  now = 9e12;

  assert.deepEqual(
    actions.list().map(({ what }) => what),
    [`standing by for process ${process.pid}, which holds the worker lock,`],
  );
  assert.equal(stuckAction({ actions: actions.list(), redisReadySec: null }), null);
  stop.abort(new Error('that is enough'));
  await assert.rejects(acquiring);
  assert.deepEqual(actions.list(), []);
});
