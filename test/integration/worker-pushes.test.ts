// One Debian is enough: the queue decides, which is Node's and Redis's; `worker-redis.test.ts` tries both of these.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgetAsks, readAsks } from '@bough/host/queue/asks.ts';
import { enqueueBuild } from '@bough/host/queue/enqueue.ts';
import { until } from '../support/until.ts';
import { commit, shellTest } from '../support/worker-shell/shell-test.ts';
import { buildsOf, eventsOf, overlapMs, planBranch } from '../support/worker-shell/start-shell.ts';

test('20 pushes to 5 branches at once: builds never overlap, each branch ends at its newest commit, one build of each is wasted at most', async (t) => {
  const shell = await shellTest(t);
  const branches = ['a', 'b', 'c', 'd', 'e'];
  const worker = shell.start();
  await until('it takes jobs', () => worker.logged.find(({ msg }) => msg === 'taking jobs'));

  for (const push of [1, 2, 3, 4]) {
    for (const branch of branches) planBranch(shell.options, branch, { head: commit(push), ms: 300 });
    await Promise.all(branches.map(async (branch) => await shell.push(branch)));
    await until('another build runs', () => buildsOf(shell.options).length >= push);
  }
  await until(
    'nothing is left to do',
    async () => {
      const {
        waiting = 1,
        active = 1,
        prioritized = 1,
      } = await shell.queues.build.getJobCounts('waiting', 'active', 'prioritized');
      return waiting + active + prioritized === 0;
    },
    30_000,
  );

  const events = eventsOf(shell.options);
  t.diagnostic(`${buildsOf(shell.options).length} builds, overlap ${overlapMs(buildsOf(shell.options))} ms`);
  assert.equal(overlapMs(buildsOf(shell.options)), 0);
  for (const branch of branches) {
    const built = events.filter((event) => event.type === 'built' && event.branch === branch);
    assert.equal(built.at(-1)?.commit, commit(4));
    assert.ok(events.filter((event) => event.type === 'build' && event.branch === branch).length <= 2);
  }
});

test('a newer push stops the running build, which ends superseded by the new commit, and that is built next', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000 });
  shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  planBranch(shell.options, 'main', { head: commit(2), ms: 100 });

  const pushedAt = Date.now();
  await shell.push('main');

  const next = await shell.event(
    'the new commit is built',
    (event) => event.type === 'build' && event.commit === commit(2),
  );
  t.diagnostic(`the new build began ${next.at - pushedAt} ms after the push`);
  assert.equal(await shell.state(job), 'completed');
  const ended = await shell.queues.build.getJob(job);
  assert.deepEqual(ended?.returnvalue, { outcome: 'superseded', commit: commit(1), by: commit(2) });
  await shell.event('the new commit is built', ({ type, commit: built }) => type === 'built' && built === commit(2));
  assert.equal(overlapMs(buildsOf(shell.options)), 0);
});

test('a redelivery of the commit that is being built stops nothing', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 800 });
  shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);

  await shell.push('main');
  await shell.push('main');

  await until('the job is done', async () => (await shell.state(job)) === 'completed');
  assert.equal((await shell.queues.build.getJob(job))?.returnvalue.outcome, 'built');
});

test('a push to a branch whose failed build a person is retrying stops that too', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 20, fail: 'BUILD_FAILED' });
  shell.start();
  const { job } = await shell.push('main');
  await until('it fails', async () => (await shell.state(job)) === 'failed');
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000 });
  await (await shell.queues.build.getJob(job))?.retry('failed');
  await shell.event('it is retried', ({ type, again }) => type === 'build' && again === true);

  planBranch(shell.options, 'main', { head: commit(2), ms: 20 });
  await shell.push('main');

  await shell.event('the new commit is built', ({ type, commit: built }) => type === 'built' && built === commit(2));
  assert.equal((await shell.queues.build.getJob(job))?.returnvalue.outcome, 'superseded');
});

test('the build of a branch that is deleted meanwhile ends as gone', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000 });
  shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);

  planBranch(shell.options, 'main', { head: null, ms: 0 });
  await shell.push('main');

  await until('the job is done', async () => (await shell.state(job)) === 'completed');
  assert.equal((await shell.queues.build.getJob(job))?.returnvalue.outcome, 'gone');
});

test('production is built before branches that have waited longer', async (t) => {
  const shell = await shellTest(t);
  for (const branch of ['busy', 'a', 'b', 'main']) planBranch(shell.options, branch, { head: commit(1), ms: 300 });
  shell.start();
  await shell.push('busy');
  await until('the build runs', () => buildsOf(shell.options)[0]);

  await shell.push('a');
  await shell.push('b');
  const { job } = await shell.push('main', true);

  await until('it is built', async () => (await shell.state(job)) === 'completed');
  assert.deepEqual(
    buildsOf(shell.options)
      .slice(0, 2)
      .map(({ branch }) => branch),
    ['busy', 'main'],
  );
});

test('a push that is not to be built stops no build, though a sweep asks for it again: it is looked at once that is done', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 1_500 });
  shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  const skip = 'its message says not to build it';
  planBranch(shell.options, 'main', { head: commit(2), skip, ms: 100 });

  await shell.push('main');
  const { own } = await shell.push('main');

  await until('what follows is done', async () => (await shell.state(own)) === 'completed');
  assert.equal((await shell.queues.build.getJob(job))?.returnvalue.outcome, 'built');
  assert.deepEqual((await shell.queues.build.getJob(own))?.returnvalue, {
    outcome: 'skipped',
    commit: commit(2),
    reason: skip,
  });
});

test('a push is heard of also after Redis was emptied whose clock had been ahead', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000 });
  const worker = shell.start();
  await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  // What the queue tells from here on has ids after this one.
  const ahead = `${Date.now() + 3_600_000}-0`;
  await shell.client.xadd('bough:build:events', ahead, 'event', 'waiting', 'jobId', 'x');
  planBranch(shell.options, 'main', { head: commit(2), ms: 20 });
  await shell.push('main');
  await shell.event('it has heard of that', ({ type, commit: built }) => type === 'built' && built === commit(2));

  const schedules = () => worker.logged.filter(({ msg }) => msg === 'the sweep is scheduled').length;
  assert.equal(schedules(), 1);
  await shell.client.flushall();
  await until('it has seen that Redis is empty', () => schedules() === 2);
  planBranch(shell.options, 'main', { head: commit(3), ms: 60_000 });
  await shell.push('main');
  await shell.event('it builds again', ({ type, commit: of }) => type === 'build' && of === commit(3));
  planBranch(shell.options, 'main', { head: commit(4), ms: 20 });
  await shell.push('main');

  await shell.event('the newer is built', ({ type, commit: built }) => type === 'built' && built === commit(4));
});

test('of what is asked for of a branch the last fifty commits are remembered, each once, until they are settled', async (t) => {
  const { client, queues } = await shellTest(t);
  const of = { project: 'demo', branch: 'main' };
  const ask = async (seen: string, skip?: string) =>
    await enqueueBuild(
      queues,
      { ...of, asked: { by: 'sweep' }, seen, ...(skip === undefined ? {} : { skip }) },
      { production: false },
    );
  for (let number = 1; number <= 60; number += 1) await ask(commit(number));
  await ask(commit(20), 'not this one');
  await ask(commit(30));

  const asks = await readAsks(client, of);

  assert.equal(asks.length, 50);
  assert.equal(asks.filter((each) => each.commit === commit(30)).length, 1);
  assert.ok(!asks.some((each) => each.commit === commit(10)));
  assert.ok((await client.ttl('bough:asks:demo.main')) > 86_400);
  await forgetAsks(client, of, asks);
  assert.deepEqual(await readAsks(client, of), [{ commit: commit(20), skip: 'not this one' }]);
  assert.deepEqual(await readAsks(client, { ...of, branch: 'other' }), []);
});
