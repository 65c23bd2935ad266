// One Debian is enough: what Bough does about it is its own; that builders die with it is in `orphaned-builders.test.ts`, Redis in `worker-redis.test.ts`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readLockOwner } from '@bough/host/worker-lock/lock-owner.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { emptyRedisFolder } from '../support/empty-redis-folder.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { loseJobLocks } from '../support/lose-job-locks.ts';
import { fillDisk, mountSmallRedis, unmountSmallRedis } from '../support/small-disk.ts';
import { startStandby } from '../support/standby.ts';
import { tellSteadily } from '../support/tell-steadily.ts';
import { until } from '../support/until.ts';
import { visit } from '../support/visitor.ts';

const exec = promisify(execFile);

let bough: Installation;
let first: string;
before(async () => {
  bough = await install();
  await mountSmallRedis(16);
  first = await bough.push('main', appFiles({ text: 'first' }));
  await bough.untilServes('main', 'first');
});
after(async () => {
  await unmountSmallRedis();
  await bough[Symbol.asyncDispose]();
});

const runsOf = async (text: string) => (await buildRuns()).filter((run) => run.text === text);
const pidOf = async (unit: string) => Number(await systemctl('show', '--value', '--property=MainPID', unit));
const workerPid = async () => await pidOf('bough-worker.service');

test('a worker killed in the middle of a build is building again at once, and one release results', async (t) => {
  await bough.push('crash', appFiles({ text: 'crash', buildSec: 3 }));
  await until('it is being built', async () => (await runsOf('crash')).length === 1, 20_000);
  await using visitor = visit('/main/', 'first');

  process.kill(await workerPid(), 'SIGKILL');

  const second = await until('it is being built again', async () => (await runsOf('crash'))[1], 20_000);
  const started = await systemctl(
    'show',
    '--value',
    '--property=ExecMainStartTimestampMonotonic',
    'bough-worker.service',
  );
  const startedNs = wallClockOf(BigInt(started) * 1000n);
  const waitedMs = Number(second.start - startedNs) / 1e6;
  t.diagnostic(`the builder ran again ${Math.round(waitedMs)} ms after the start of the worker`);
  assert.ok(waitedMs < 10_000, 'it did not wait for a lock of BullMQ or an orphan to run out');
  await bough.untilServes('crash', 'crash from release 1');
  await bough.untilIdle();
  assert.deepEqual((await visitor.leave()).wrong, []);
  assert.deepEqual((await readdir(`${bough.layout.deployments}/demo/crash/releases`)).toSorted(), ['1', '1.json']);
  assert.equal(overlap(await buildRuns()), 0n);
});

test('a worker frozen until it has lost the lock of its job does not let a standby build at the same time', async () => {
  await bough.push('frozen', appFiles({ text: 'frozen', buildSec: 6 }));
  await until('it is being built', async () => (await runsOf('frozen')).length === 1, 20_000);
  const pid = await workerPid();
  using standby = await startStandby();

  process.kill(pid, 'SIGSTOP');
  try {
    await bough.push('other', appFiles({ text: 'other', buildSec: 1 }));
    await loseJobLocks(bough);
    await until('the builder of the frozen worker has ended', async () => (await runsOf('frozen'))[0]?.ended, 20_000);
    await loseJobLocks(bough);
    assert.deepEqual(await runsOf('other'), [], 'the standby has not built beside it');
    assert.equal(readLockOwner(bough.layout.lock)?.pid, pid);
    assert.notEqual(pid, standby.pid);
  } finally {
    process.kill(pid, 'SIGCONT');
  }

  await bough.untilServes('frozen', 'frozen');
  await bough.untilServes('other', 'other');
  assert.equal(overlap(await buildRuns()), 0n);
});

/** Answers each request once this file is there. */
const answeringOnce = (gate: string) => `import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
createServer((_, response) => {
  const answer = () => (existsSync('${gate}') ? response.end('well') : setTimeout(answer, 20));
  answer();
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

for (const [what, harm] of [
  ['removed', async () => await rm('/run/bough/demo/listens/r1-web.sock')],
  ['stopped', async () => await systemctl('stop', 'bough-demo--listens--r1-web.socket')],
] as const) {
  test(`a release whose socket is ${what} while it is asked is not found unfit, and is live after the next sweep`, async () => {
    const gate = `/srv/bough-test/listens-${what}`;
    const web = 'bough-demo--listens--r1-web.service';
    await bough.push('listens', appFiles({ text: what, server: answeringOnce(gate) }));
    const isUp = async () => (await systemctl('show', '--value', '--property=SubState', web)).trim() === 'running';
    await until('its process is up', isUp, 20_000);
    await sleep(500); // it is asked, and does not answer yet

    await harm();
    const failed = await until(
      'its job has failed',
      async () => (await bough.reconciles.getJobs(['failed', 'delayed'])).find(({ data }) => data.slug === 'listens'),
      30_000,
    );
    await writeFile(gate, '');
    await bough.sweep();

    await bough.untilServes('listens', 'well');
    assert.match(failed.failedReason, new RegExp(`^HOST_START: release 1 of demo listens .* was ${what}`));
    const release = JSON.parse(
      await readFile(`${bough.layout.releases({ project: 'demo', slug: 'listens' })}/1.json`, 'utf8'),
    );
    assert.equal(release.verdict.state, 'verified');
    await bough.remove('listens');
    await until('it is gone', async () => (await get('/listens/')).status === 404, 30_000);
  });
}

test('a release that got well while the worker was frozen beyond its time is not found unfit', async () => {
  const gate = '/srv/bough-test/well';
  const unit = 'bough-demo--well--r1-web.service';
  await bough.push('well', appFiles({ text: 'well', server: answeringOnce(gate) }));
  await until(
    'its process is up',
    async () => (await systemctl('show', '--value', '--property=SubState', unit)).trim() === 'running',
    20_000,
  );
  await sleep(500); // it is asked, and does not answer yet
  const pid = await workerPid();

  process.kill(pid, 'SIGSTOP');
  try {
    await sleep(11_000); // health.timeoutSec is 10
    await writeFile(gate, '');
    await sleep(500);
  } finally {
    process.kill(pid, 'SIGCONT');
  }

  await bough.untilServes('well', 'well');
});

test('a stopped worker puts its job back at once, and the next one carries on', async () => {
  await bough.push('drain', appFiles({ text: 'drain', buildSec: 4 }));
  await until('it is being built', async () => (await runsOf('drain')).length === 1, 20_000);
  const asked = Date.now();

  await systemctl('stop', 'bough-worker.service');

  assert.ok(Date.now() - asked < 10_000);
  assert.equal(await bough.builds.getActiveCount(), 0);
  assert.equal(await bough.builds.getJobCountByTypes('wait', 'prioritized'), 1);
  assert.match((await get('/main/')).body, /first/, 'apps go on without the worker');
  await systemctl('start', 'bough-worker.service');
  await bough.untilServes('drain', 'drain');
});

for (const [what, emptyRedis] of [
  ['FLUSHALL', async () => void (await bough.redis.flushall())],
  ['a lost folder of Redis', emptyRedisFolder],
] as const) {
  test(`${what} with everything live stops nothing`, async () => {
    const pid = await pidOf('bough-demo--main--r1-web.service');
    await bough.redis.set('kept', 'before');

    await emptyRedis();
    assert.equal(await bough.redis.get('kept'), null);
    await until('the queue is set up again', async () => (await bough.builds.getGlobalConcurrency()) === 1, 30_000);
    await bough.sweep();

    assert.match((await get('/main/')).body, /first/);
    assert.equal(await pidOf('bough-demo--main--r1-web.service'), pid);
  });
}

test('with the disk of Redis full deliveries are refused, and taken again once there is room; none that was acknowledged is lost', async () => {
  await using load = tellSteadily(bough, 'main', first);
  await load.answered(202, 10);

  await fillDisk('/var/lib/bough-redis', async () => {
    await load.answered(503, 10);
    assert.match((await get('/main/')).body, /first/);
  });

  await load.answered(202, 10);
  await load.untilEnded();
  const { stdout } = await exec('journalctl', ['--unit=bough-redis.service', '--output=cat']);
  assert.match(stdout, /Can't recover from AOF write error/, 'the journal has why');
});

test('a receiver killed under load is started again and takes deliveries; none that was acknowledged is lost', async () => {
  await using load = tellSteadily(bough, 'main', first);
  await load.answered(202, 10);
  const pid = await pidOf('bough-receiver.service');

  process.kill(pid, 'SIGKILL');

  await load.answered(202, 10);
  assert.notEqual(await pidOf('bough-receiver.service'), pid);
  await load.untilEnded();
});

test('a push made while the receiver is down is live after one sweep', async () => {
  await systemctl('stop', 'bough-receiver.service');
  await bough.repository.commit('main', appFiles({ text: 'second' }));
  await systemctl('start', 'bough-receiver.service');

  await bough.sweep();

  assert.match((await get('/main/')).body, /second/);
});

test('a delete that was never delivered is found by a sweep', async () => {
  await bough.repository.remove('other');

  await bough.sweep();

  assert.equal((await get('/other/')).status, 404);
});

test('a unit that was stopped by hand is up again after a sweep', async () => {
  await systemctl('stop', 'bough-demo--main--r2-web.service', 'bough-demo--main--r2-web.socket');

  await bough.sweep();

  assert.match((await get('/main/')).body, /second/);
});

test('what is live comes back after its sockets, links and runtime folder are lost, as in a reboot', async () => {
  const units = (await readdir('/run/systemd/system')).filter((name) => name.startsWith('bough-demo--'));
  await systemctl('stop', 'bough-worker.service', ...units);
  for (const unit of units) await rm(`/run/systemd/system/${unit}`);
  await rm('/run/bough', { recursive: true });

  await systemctl('start', 'bough-worker.service');

  await bough.untilServes('main', 'second', 30_000);
  await bough.untilServes('drain', 'drain', 30_000);
});

/** A monotonic time of systemd in nanoseconds of the wall clock. */
function wallClockOf(monotonicNs: bigint): bigint {
  return BigInt(Date.now()) * 1_000_000n - (process.hrtime.bigint() - monotonicNs);
}
