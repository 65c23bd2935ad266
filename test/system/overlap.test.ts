import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { blockWorker } from '../support/block-worker.ts';
import { type Installation, install, systemctl } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';
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

/** Another worker, as somebody would start it by mistake. */
function startSecond() {
  const main = fileURLToPath(import.meta.resolve('@bough/worker/main.ts'));
  return spawn(process.execPath, [main, '/etc/bough/bough.json'], { stdio: 'ignore' });
}

test('a worker whose event loop is blocked does not let a standby build at the same time', async () => {
  await bough.push('blocked', appFiles({ text: 'blocked', buildSec: 3 }));
  await until('it is being built', async () => (await runsOf('blocked')).length === 1, 20_000);
  const standby = startSecond();
  try {
    const blocked = blockWorker(5_000);
    await bough.push('meanwhile', appFiles({ text: 'meanwhile' }));
    await bough.redis.del('bough:build:stalled-check'); // what a stalled check of BullMQ would wait for
    await blocked;
    const [built] = await runsOf('blocked');
    assert.equal(built?.ended, true, 'the loop was blocked until after the end of the build');
    await bough.untilServes('meanwhile', 'meanwhile');
    await bough.untilServes('blocked', 'blocked');
  } finally {
    standby.kill('SIGKILL');
  }

  assert.equal((await runsOf('blocked')).length, 1);
  assert.equal(overlap(await buildRuns()), 0n);
});

test('of two workers started by mistake one builds, and the other carries on within seconds of its death', async () => {
  const second = startSecond();
  try {
    for (const branch of ['one', 'two', 'three']) await bough.push(branch, appFiles({ text: branch, buildSec: 1 }));
    await until('it is being built', async () => (await runsOf('one')).length === 1, 20_000);
    await systemctl('kill', '--kill-whom=main', '--signal=SIGKILL', 'bough-worker.service');
    for (const branch of ['one', 'two', 'three']) await bough.untilServes(branch, branch, 60_000);
  } finally {
    second.kill('SIGKILL');
  }

  assert.equal(overlap(await buildRuns()), 0n);
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
