// One Debian is enough: locks of files are the kernel's; those of jobs, which are Redis's, are in `worker-redis.test.ts`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readLockOwner } from '@bough/host/worker-lock/lock-owner.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { blockWorker } from '../support/block-worker.ts';
import { type Installation, install, systemctl } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';
import { loseJobLocks } from '../support/lose-job-locks.ts';
import { startSecondWorker, startStandby } from '../support/standby.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install();
  await bough.push('main', appFiles({ text: 'first' }));
  await bough.untilServes('main', 'first');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const runsOf = async (text: string) => (await buildRuns()).filter((run) => run.text === text);

test('a worker whose event loop is blocked does not let a standby build at the same time', async () => {
  using standby = await startStandby();
  await bough.push('blocked', appFiles({ text: 'blocked', buildSec: 3 }));
  await until('it is being built', async () => (await runsOf('blocked')).length === 1, 20_000);
  const blocked = blockWorker(5_000);
  await bough.push('meanwhile', appFiles({ text: 'meanwhile' }));
  await loseJobLocks(bough);
  assert.equal(await blocked, true);
  const [built] = await runsOf('blocked');
  assert.equal(built?.ended, true, 'the loop was blocked until after the end of the build');
  await bough.untilServes('meanwhile', 'meanwhile');
  await bough.untilServes('blocked', 'blocked');

  assert.notEqual(readLockOwner(bough.layout.lock)?.pid, standby.pid, 'the standby stood by');
  assert.equal((await runsOf('blocked')).length, 1);
  assert.equal(overlap(await buildRuns()), 0n);
});

test('of two workers started by mistake one builds, and the other carries on within seconds of its death', async () => {
  await systemctl('stop', 'bough-worker.service'); // systemd would start that one again, and either could be the next
  try {
    using first = await startSecondWorker();
    using standby = await startStandby();
    for (const branch of ['one', 'two', 'three']) await bough.push(branch, appFiles({ text: branch, buildSec: 1 }));
    await until('it is being built', async () => (await runsOf('one')).length === 1, 20_000);
    assert.equal(readLockOwner(bough.layout.lock)?.pid, first.pid);

    process.kill(first.pid, 'SIGKILL');

    await until('the other has the lock', () => readLockOwner(bough.layout.lock)?.pid === standby.pid, 10_000);
    for (const branch of ['one', 'two', 'three']) await bough.untilServes(branch, branch, 60_000);
    assert.equal(readLockOwner(bough.layout.lock)?.pid, standby.pid);
    assert.equal(overlap(await buildRuns()), 0n);
  } finally {
    await systemctl('start', 'bough-worker.service');
  }
});

test('a builder whose worker was killed has ended before the next one builds', async () => {
  await bough.push('orphan', appFiles({ text: 'orphan', buildSec: 3 }));
  await until('it is being built', async () => (await runsOf('orphan')).length === 1, 20_000);
  const [builder] = processesWith('-build.sh');
  await systemctl('kill', '--kill-whom=main', '--signal=SIGKILL', 'bough-worker.service');

  await until('it is being built again', async () => (await runsOf('orphan')).length === 2, 20_000);

  assert.ok(builder !== undefined && !processesWith('-build.sh').includes(builder));
  await bough.untilServes('orphan', 'orphan from release 1');
  assert.equal(overlap(await buildRuns()), 0n);
});
