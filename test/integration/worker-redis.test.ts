import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcileJobOptions } from '@bough/core/queue/job-options.ts';
import { queueNames, queuePrefix } from '@bough/core/queue/jobs.ts';
import { enqueueReconcile } from '@bough/host/queue/enqueue.ts';
import { Worker } from 'bullmq';
import { until } from '../support/until.ts';
import { commit, shellTest } from '../support/worker-shell/shell-test.ts';
import { buildsOf, eventsOf, overlapMs, planBranch } from '../support/worker-shell/start-shell.ts';

test('a worker started before Redis waits for it and then works', async (t) => {
  const shell = await shellTest(t);
  await shell.redis.kill();
  const worker = shell.start();
  await until('it says that Redis is away', () =>
    worker.logged.find(({ msg }) => msg.startsWith('Redis cannot be reached')),
  );

  await shell.redis.start();

  await until('it takes jobs', () => worker.logged.find(({ msg }) => msg === 'taking jobs'));
  assert.equal(await shell.queues.build.getGlobalConcurrency(), 1);
});

test('FLUSHALL during a build: the build ends, the limit and the sweep are set again, and the worker goes on', async (t) => {
  const shell = await shellTest(t, { careMs: 300 });
  planBranch(shell.options, 'main', { head: commit(1), ms: 1_500 });
  shell.start();
  await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  await shell.event('the first sweep', ({ type }) => type === 'sweep');

  await shell.client.flushall();

  await until('the limit is back', async () => (await shell.queues.build.getGlobalConcurrency()) === 1);
  await until('the sweep is back', async () => (await shell.queues.sweep.getJobScheduler('sweep')) !== undefined);
  await until(
    'a sweep has run at once',
    () => eventsOf(shell.options).filter(({ type }) => type === 'sweep').length === 2,
  );
  await shell.event('the build ends', ({ type }) => type === 'built');
  const { job } = await shell.push('main');
  await until('the next is built', async () => (await shell.state(job)) === 'completed');
  assert.equal(overlapMs(buildsOf(shell.options)), 0);
});

test('a change of the limit of builds is undone, and a raised limit lets no two builds run at once', async (t) => {
  const shell = await shellTest(t, { careMs: 300 });
  for (const branch of ['a', 'b']) planBranch(shell.options, branch, { head: commit(1), ms: 700 });
  shell.start();
  const jobs = [await shell.push('a'), await shell.push('b')];
  await until('the build runs', () => buildsOf(shell.options)[0]);

  await shell.queues.build.setGlobalConcurrency(5);

  await until('the limit is back', async () => (await shell.queues.build.getGlobalConcurrency()) === 1);
  for (const { job } of jobs) await until('it is built', async () => (await shell.state(job)) === 'completed');
  assert.equal(overlapMs(buildsOf(shell.options)), 0);
});

test('a restart of Redis in the middle of a build: the build ends and counts, once', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 2_000 });
  shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);

  await shell.redis.kill();
  await shell.redis.start();

  await until('the job is done', async () => (await shell.state(job)) === 'completed');
  assert.equal(eventsOf(shell.options).filter(({ type }) => type === 'build').length, 1);
});

test('a build that ends while Redis is away counts once Redis is back', async (t) => {
  const shell = await shellTest(t, { careMs: 300 });
  planBranch(shell.options, 'main', { head: commit(1), ms: 1_000 });
  shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  await shell.redis.kill();
  await shell.event('the build ends', ({ type }) => type === 'built');

  await shell.redis.start();

  await until('the job is done', async () => (await shell.state(job)) === 'completed');
  const next = await shell.push('main');
  await until('the next is built', async () => (await shell.state(next.job)) === 'completed');
  assert.equal(eventsOf(shell.options).filter(({ type }) => type === 'build').length, 2);
});

test('a Redis that is frozen is given up after a while, and a build that ended meanwhile counts after the thaw, once', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 1_000 });
  const worker = shell.start();
  const { job } = await shell.push('main');
  await until('the build runs', () => buildsOf(shell.options)[0]);
  shell.redis.freeze();
  await shell.event('the build ends', ({ type }) => type === 'built');

  await until(
    'Redis counts as away',
    () => worker.logged.find(({ msg }) => msg.startsWith('Redis cannot be reached')),
    40_000,
  );
  shell.redis.thaw();

  await until('the job is done', async () => (await shell.state(job)) === 'completed');
  const next = await shell.push('main');
  await until('the next is built', async () => (await shell.state(next.job)) === 'completed', 30_000);
  assert.equal(eventsOf(shell.options).filter(({ type }) => type === 'build').length, 2);
});

test('a worker that meets a full Redis at its start lives, and takes jobs once there is room', async (t) => {
  const shell = await shellTest(t);
  await shell.client.config('SET', 'maxmemory', '1');
  const worker = shell.start();
  const refusals = () => worker.logged.filter(({ msg }) => msg.startsWith('the queues cannot be taken over now'));
  await until('it has been refused three times', () => refusals().length >= 3, 20_000);
  assert.equal(worker.process.exitCode, null);

  await shell.client.config('SET', 'maxmemory', '0');

  await until('it takes jobs', () => worker.logged.find(({ msg }) => msg === 'taking jobs'), 30_000);
});

test('a job that was put off while the clock was ahead is taken, and what is scheduled is left to its schedule', async (t) => {
  const shell = await shellTest(t, { careMs: 300 });
  shell.start();
  await shell.event('the first sweep', ({ type }) => type === 'sweep');
  const id = { project: 'demo', slug: 'main' };
  const options = { ...reconcileJobOptions(id, false), delay: 86_400_000, jobId: 'put-off' };

  await shell.queues.reconcile.add('reconcile', { ...id, asked: { by: 'sweep' } }, options);

  await shell.event('it is looked at', ({ type }) => type === 'reconcile');
  assert.equal(eventsOf(shell.options).filter(({ type }) => type === 'sweep').length, 1);
  assert.equal(await shell.queues.sweep.getDelayedCount(), 1);
});

test('a reconcile that is put off after a failure is taken at once when it is asked for again', async (t) => {
  const shell = await shellTest(t, { careMs: 60_000 });
  shell.start();
  await shell.event('the first sweep', ({ type }) => type === 'sweep');
  const job = { project: 'demo', slug: 'main', asked: { by: 'build' } } as const;
  const options = { ...reconcileJobOptions(job, true), delay: 60_000, jobId: 'put-off' };
  await shell.queues.reconcile.add('reconcile', job, options);

  const enqueued = await enqueueReconcile(shell.queues, job);

  assert.deepEqual([enqueued.job, enqueued.outcome], ['put-off', 'joined']);
  await shell.event('it is looked at', ({ type }) => type === 'reconcile');
});

test('what a push asks for does not wait for what sweeps have found to do, and hastens it where it is the same', async (t) => {
  const shell = await shellTest(t);
  const ask = async (slug: string, by: 'sweep' | 'build') =>
    await enqueueReconcile(shell.queues, { project: 'demo', slug, asked: { by } });
  for (const slug of ['a', 'b', 'c', 'd', 'e', 'f']) await ask(slug, 'sweep');

  await ask('new', 'build');
  const { outcome } = await ask('e', 'build');
  await ask('f', 'sweep');

  assert.equal(outcome, 'joined');
  const waiting = await shell.queues.reconcile.getJobs(['waiting', 'prioritized'], 0, -1, true);
  const first = (await shell.queues.reconcile.getJobs(['waiting'], 0, -1, true)).map(({ data }) => data.slug);
  assert.deepEqual(first, ['new', 'e']);
  assert.equal(waiting.length, 7);
  shell.start();
  await until(
    'all are looked at',
    () => eventsOf(shell.options).filter(({ type }) => type === 'reconcile').length === 7,
  );
});

test('what follows a run does not wait behind others because a sweep asked last', async (t) => {
  const shell = await shellTest(t);
  const ask = async (by: 'sweep' | 'build') =>
    await enqueueReconcile(shell.queues, { project: 'demo', slug: 'main', asked: { by } });
  const worker = new Worker(queueNames.reconcile, null, { connection: shell.client, prefix: queuePrefix });
  t.after(async () => await worker.close());
  await ask('build');
  const running = await worker.getNextJob('token');

  await ask('build');
  await ask('sweep');
  await running?.moveToCompleted({}, 'token', false);

  assert.deepEqual(await shell.queues.reconcile.getJobCounts('waiting', 'prioritized'), { waiting: 1, prioritized: 0 });
});

test('an active job that nobody works on goes back, also one whose data is gone', async (t) => {
  const shell = await shellTest(t, { careMs: 200 });
  planBranch(shell.options, 'main', { head: commit(1), ms: 50 });
  const worker = shell.start();
  await until('it takes jobs', () => worker.logged.find(({ msg }) => msg === 'taking jobs'));
  await shell.client.lpush(shell.queues.build.toKey('active'), 'nothing-left-of-it');

  const { job } = await shell.push('main');

  await until('it is built nevertheless', async () => (await shell.state(job)) === 'completed');
});
