// One Debian is enough: the queue decides, which is Node's and Redis's; `worker-redis.test.ts` tries both of these.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { commit, shellTest } from '../support/worker-shell/shell-test.ts';
import { buildsOf, eventsOf, overlapMs, planBranch } from '../support/worker-shell/start-shell.ts';

test('SIGTERM puts the running build back at once, with no attempt used up, and ends the worker well', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000 });
  const worker = shell.start();
  const { job } = await shell.push('main');
  const next = await shell.push('other');
  const build = await until('the build runs', () => buildsOf(shell.options)[0]);

  const { code, ms } = await worker.terminate();

  t.diagnostic(`ended after ${Math.round(ms)} ms`);
  assert.equal(code, 0);
  assert.ok(ms < 2_000, `${ms} ms`);
  assert.equal(await shell.state(job), 'prioritized');
  assert.equal(await shell.state(next.job), 'prioritized');
  assert.equal((await shell.queues.build.getJob(job))?.attemptsMade, 0);
  assert.throws(() => process.kill(build.pid, 0), { code: 'ESRCH' });
  const { logs } = await shell.queues.build.getJobLogs(job);
  assert.match(logs.join('\n'), /worker is shutting down/);

  planBranch(shell.options, 'main', { head: commit(1), ms: 50 });
  planBranch(shell.options, 'other', { head: commit(2), ms: 50 });
  shell.start();
  await until(
    'both are done',
    async () => (await shell.state(job)) === 'completed' && (await shell.state(next.job)) === 'completed',
  );
  assert.deepEqual(
    eventsOf(shell.options)
      .filter(({ type }) => type === 'build')
      .map(({ branch, again }) => [branch, again]),
    [
      ['main', false],
      ['main', false],
      ['other', false],
    ],
  );
  assert.equal(overlapMs(buildsOf(shell.options)), 0);
});

test('SIGTERM ends an idle worker, and one that stands by, within a second', async (t) => {
  const shell = await shellTest(t);
  const first = shell.start();
  await until('it takes jobs', () => first.logged.find(({ msg }) => msg === 'taking jobs'));
  const second = shell.start();
  await until('it stands by', () => second.logged.find(({ msg }) => msg === 'standing by'));

  for (const worker of [second, first]) {
    const { code, ms } = await worker.terminate();
    assert.equal(code, 0);
    assert.ok(ms < 1_000, `${ms} ms`);
  }
});

test('a second signal ends the worker at once, and the next one ends what it left and builds again', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000, stubborn: true });
  const first = shell.start();
  await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  first.process.kill('SIGTERM');
  await until('it drains', () => first.logged.find(({ msg }) => msg.startsWith('no new jobs')));
  const { code, ms } = await first.terminate();
  assert.equal(code, 143);
  assert.ok(ms < 500, `${ms} ms`);

  shell.start();
  await until('the build runs again', () => buildsOf(shell.options)[1]);
  assert.equal(overlapMs(buildsOf(shell.options)), 0);
});

test('a worker stopped while Redis is away ends within seconds, and its job runs again with the next one', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000 });
  const first = shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  await shell.redis.kill();

  const { code, ms } = await first.terminate();
  t.diagnostic(`ended after ${Math.round(ms)} ms`);
  assert.equal(code, 0);
  assert.ok(ms < 16_000, `${ms} ms`);

  planBranch(shell.options, 'main', { head: commit(1), ms: 50 });
  shell.start();
  await shell.redis.start();
  await until('the job is done', async () => (await shell.state(job)) === 'completed');
});
