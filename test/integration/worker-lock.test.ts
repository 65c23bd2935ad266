// One Debian is enough: locks of files are the kernel's.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { acquireWorkerLock, releaseWorkerLock } from '@bough/host/worker-lock.ts';
import { readLockOwner } from '@bough/host/worker-lock/lock-owner.ts';
import { buildsOf, eventsOf, overlapMs, planBranch } from '../support/worker-shell/start-shell.ts';
import { commit, shellTest } from '../support/worker-shell/shell-test.ts';
import { pino } from 'pino';
import { startSilentServer } from '../support/silent-server.ts';
import { tempHost } from '../support/temp-host.ts';
import { until } from '../support/until.ts';

for (const stubborn of [false, true]) {
  test(`a build interrupted by kill -9 runs again at once after the next start, its orphan ${stubborn ? 'ignoring SIGTERM' : 'still running'}`, async (t) => {
    const shell = await shellTest(t);
    planBranch(shell.options, 'main', { head: commit(1), ms: 60_000, stubborn });
    const first = shell.start();
    const { job } = await shell.push('main');
    await until('the build runs', () => buildsOf(shell.options)[0]);
    await first.kill();
    planBranch(shell.options, 'main', { head: commit(1), ms: 300 });

    const startedAt = Date.now();
    shell.start();
    const second = await until('the build runs again', () => buildsOf(shell.options)[1]);
    await until('the job is done', async () => (await shell.state(job)) === 'completed');

    const took = second.from - startedAt;
    t.diagnostic(`running again ${Math.round(took)} ms after the start of the process`);
    assert.ok(took < 10_000, 'it waited for no lock of BullMQ, nor for the orphan to end by itself');
    assert.equal(overlapMs(buildsOf(shell.options)), 0);
    assert.equal((await shell.queues.build.getJob(job))?.attemptsMade, 1);
    assert.equal(eventsOf(shell.options).filter(({ type }) => type === 'built').length, 1);
  });
}

test('a second worker stands by, takes nothing, and takes over when the first has ended', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 200 });
  const first = shell.start();
  await until('the first takes jobs', () => first.logged.find(({ msg }) => msg === 'taking jobs'));
  const second = shell.start();
  await until('the second stands by', () => second.logged.find(({ msg }) => msg === 'standing by'));
  for (const branch of ['main', 'main', 'main']) {
    const { job } = await shell.push(branch);
    await until('it is built', async () => (await shell.state(job)) === 'completed');
  }
  assert.deepEqual(
    new Set(
      eventsOf(shell.options)
        .filter(({ type }) => type === 'build')
        .map(({ pid }) => pid),
    ),
    new Set([first.process.pid]),
  );

  await first.terminate();
  await until('the second takes jobs', () => second.logged.find(({ msg }) => msg === 'taking jobs'), 1_000);

  assert.equal(second.logged.filter(({ msg }) => msg === 'standing by').length, 1);
  assert.equal(readLockOwner(`${shell.options.folder}/worker.lock`)?.pid, second.process.pid);
});

test('workers that stand by are not taken for orphans when the first one is killed', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000, stubborn: true });
  const first = shell.start();
  await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  const others = [shell.start(), shell.start(), shell.start()];
  for (const other of others) await until('it stands by', () => other.logged.find(({ msg }) => msg === 'standing by'));

  await first.kill();
  await until('the build runs again', () => buildsOf(shell.options)[1]);
  await until(
    'the others stand by again',
    () => others.filter(({ logged }) => logged.filter(({ msg }) => msg === 'standing by').length === 2).length === 2,
  );

  assert.deepEqual(
    others.map((other) => other.process.signalCode),
    [null, null, null],
  );
  assert.equal(overlapMs(buildsOf(shell.options)), 0);
});

test('a worker frozen past its BullMQ lock while another stands by never builds at the same time as another', async (t) => {
  const shell = await shellTest(t, { lockDurationMs: 1_000, careMs: 200 });
  planBranch(shell.options, 'main', { head: commit(1), ms: 3_000 });
  const first = shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  const second = shell.start();
  await until('the second stands by', () => second.logged.find(({ msg }) => msg === 'standing by'));

  first.process.kill('SIGSTOP');
  await until('the lock of BullMQ is gone', async () => (await shell.client.exists(`bough:build:${job}:lock`)) === 0);
  await until('the build has ended meanwhile', () => (buildsOf(shell.options)[0]?.to ?? Infinity) < Date.now() - 500);
  first.process.kill('SIGCONT');
  await shell.event('the first sees its build end', ({ type }) => type === 'built');
  await until('the job is done', async () => (await shell.state(job)) === 'completed', 20_000);

  t.diagnostic(`overlap ${overlapMs(buildsOf(shell.options))} ms, ${buildsOf(shell.options).length} build processes`);
  assert.equal(overlapMs(buildsOf(shell.options)), 0);
  assert.equal(
    eventsOf(shell.options).find(({ type, pid }) => type === 'build' && pid === second.process.pid),
    undefined,
  );
});

test('a lock held by somebody who is not on record is waited for, not taken by force', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000 });
  const first = shell.start();
  await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  await first.kill();
  writeFileSync(`${shell.options.folder}/worker.lock`, '');

  const second = shell.start();
  await until('it says so', () => second.logged.find(({ msg }) => msg.startsWith('waiting for the worker lock')));
  const orphan = buildsOf(shell.options)[0]?.pid ?? 0;
  assert.ok(process.kill(orphan, 0));

  process.kill(-orphan, 'SIGKILL');
  await until('it takes jobs', () => second.logged.find(({ msg }) => msg === 'taking jobs'));
});

test('what the log tells of a git that a dead worker left behind holds no login of its URL', async (t) => {
  const { folder, layout } = tempHost(t);
  await using forge = await startSilentServer();
  const main = fileURLToPath(import.meta.resolve('../support/git-with-lock.ts'));
  const remote = `http://someone:geh%40eim@127.0.0.1:${forge.port}/demo.git`;
  const worker = spawn(process.execPath, [main, folder, remote], { stdio: ['ignore', 'ignore', 'inherit'] });
  await until('it asks', () => forge.connections.length > 0, 30_000);
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  const logged: string[] = [];

  const log = pino({}, { write: (line: string) => void logged.push(line) });
  const { fd } = await acquireWorkerLock(layout.lock, { log, signal: t.signal });

  releaseWorkerLock(fd);
  const text = logged.join('');
  assert.match(text, /ending a process that a dead worker left behind/);
  assert.match(text, /git .* ls-remote .*http:\/\/…@127\.0\.0\.1/);
  assert.doesNotMatch(text, /someone|geh|eim/);
});
