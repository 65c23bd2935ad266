// One Debian is enough: the queue decides, which is Node's and Redis's; `worker-redis.test.ts` tries both of these.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { slugOf } from '@bough/host/slug.ts';
import { fails } from '../support/app-error.ts';
import { cancelRig, commit } from '../support/cancel-rig.ts';
import { until } from '../support/until.ts';

const id = (branch: string) => ({ project: 'demo', slug: branch });

test('the job of a running build does not end before the commit is held', async (t) => {
  const { push, building, cancel, store, queues, outcome } = await cancelRig(t);
  const { job } = await push('x', commit(1));
  const build = await building('x');
  const lock = Promise.withResolvers<void>();
  const other = store.withLock(id('x'), () => lock.promise);

  const cancelling = cancel('x');
  await until('the build has been told', () => build.signal.aborted);
  for (let look = 0; look < 50; look++) assert.equal(await queues.build.getJobState(job), 'active');
  lock.resolve();
  await other;

  const { jobs, held } = await cancelling;
  assert.deepEqual([jobs, held], [[{ job, was: 'running' }], commit(1)]);
  assert.equal((await store.read(id('x')))?.head?.outcome, 'cancelled');
  assert.equal((await outcome(job)).reason, 'cancelled by ada: a mistake');
});

test('a cancel that is done again after a crash holds the commit, though nothing is built any more', async (t) => {
  const { cancel, push, building, store } = await cancelRig(t);
  const remembered: string[] = [];
  await push('x', commit(1));
  await building('x');
  await cancel('x', { remember: async (found) => void remembered.push(found) });
  await store.remove(id('x'));

  const { held, jobs } = await cancel('x', { commit: remembered[0] });

  assert.deepEqual([remembered, held, jobs], [[commit(1)], commit(1), []]);
  assert.equal((await store.read(id('x')))?.head?.commit, commit(1));
  await assert.rejects(cancel('x'), fails('OPERATION_REFUSED', /nothing of demo x is being built or waits to be/));
});

test('a cancel that is done again after a crash leaves alone what was pushed meanwhile', async (t) => {
  const { cancel, push, building, store, outcome } = await cancelRig(t);
  await push('x', commit(1));
  await building('x');
  await cancel('x');
  const { job } = await push('x', commit(2));
  const later = await building('x', 2);

  const { held, jobs } = await cancel('x', { commit: commit(1) });

  assert.deepEqual([held, jobs, later.signal.aborted], [commit(1), [], false]);
  later.end('built');
  assert.equal((await outcome(job)).outcome, 'built');
  assert.equal((await store.read(id('x')))?.head?.commit, commit(1));
});

test('a commit that is pushed while a cancel asks for the head is not held, and is built', async (t) => {
  const { cancel, push, building, beforeHead, outcome } = await cancelRig(t);
  await push('ahead', commit(1));
  const ahead = await building('ahead');
  const { job } = await push('x', commit(2));
  const pushed = Promise.withResolvers<string>();
  beforeHead(async () => pushed.resolve((await push('x', commit(3))).job));

  const { held, jobs } = await cancel('x');

  assert.deepEqual([held, jobs], [commit(2), [{ job, was: 'waiting' }]]);
  ahead.end('built');
  (await building('x')).end('built');
  assert.equal((await outcome(await pushed.promise)).outcome, 'built');
  assert.equal((await outcome(job)).outcome, 'cancelled');
});

test('a job that waits is marked and never removed, no push joins it, and a retry builds it', async (t) => {
  const { push, building, cancel, queues, redis, outcome, builds } = await cancelRig(t);
  await push('ahead', commit(1));
  const ahead = await building('ahead');
  const { job } = await push('x', commit(2));
  await redis.config('SET', 'notify-keyspace-events', 'Kg');
  const watch = redis.duplicate();
  const removed: string[] = [];
  await watch.subscribe(`__keyspace@0__:${queues.build.toKey(job)}`);
  watch.on('message', (_key, event) => removed.push(event));

  const { jobs, held } = await cancel('x');
  const next = await push('x', commit(3));

  assert.deepEqual([jobs, held], [[{ job, was: 'waiting' }], commit(2)]);
  assert.notEqual(next.job, job);
  assert.equal(next.outcome, 'queued');
  ahead.end('built');
  assert.equal((await outcome(job)).outcome, 'cancelled');
  (await building('x')).end('built');
  assert.equal((await outcome(next.job)).outcome, 'built');
  assert.deepEqual(removed, []);
  watch.disconnect();

  await (await queues.build.getJob(job))?.retry('completed');
  (await building('x', 2)).end('built');
  assert.equal(builds('x'), 2);
});

test('a job that waits for its next attempt is cancelled at once, and a retry builds it', async (t) => {
  const { push, building, cancel, queues, outcome } = await cancelRig(t);
  const { job } = await push('x', commit(1));
  (await building('x')).end(new AppError('SOURCE_FETCH', 'the forge is away'));
  await until('it is put off', async () => (await queues.build.getJobState(job)) === 'delayed');

  const { jobs } = await cancel('x');

  assert.deepEqual(jobs, [{ job, was: 'waiting' }]);
  assert.equal((await outcome(job)).outcome, 'cancelled');
  await (await queues.build.getJob(job))?.retry('completed');
  await building('x', 2);
});

test('a cancelled job that waits through a restart of the worker ends as cancelled', async (t) => {
  const { push, building, cancel, queues, outcome, builds, restart } = await cancelRig(t);
  await push('ahead', commit(1));
  await building('ahead');
  const { job } = await push('x', commit(2));
  await queues.build.pause(); // what is put back comes later than what is marked
  await cancel('x');

  await restart();
  await queues.build.resume();

  assert.equal((await outcome(job)).outcome, 'cancelled');
  assert.equal(builds('x'), 0);
});

test('a push that joined a build which was superseded by then is cancelled with its own job, and the next one is built', async (t) => {
  const { push, building, cancel, outcome, queues, stubborn, store, actions } = await cancelRig(t);
  stubborn.add('x');
  const first = await push('x', commit(1));
  const build = await building('x');
  const second = await push('x', commit(2));
  assert.deepEqual([second.outcome, second.job], ['joined', first.job]);
  await until('it is superseded', () => build.signal.aborted);

  const cancelling = cancel('x');
  await until('the newer commit is held', async () => (await store.read(id('x')))?.head?.commit === commit(2));
  await until('it is said what the cancel waits for', () =>
    actions.list().some(({ what }) => what === 'waiting for the build of demo--x to end'),
  );
  build.end(build.signal.reason);
  const { jobs, held } = await cancelling;

  const own = 'delivery-demo--x-2--x';
  assert.deepEqual([jobs, held], [[{ job: own, was: 'waiting' }], commit(2)]);
  assert.deepEqual([(await outcome(first.job)).outcome, (await outcome(own)).outcome], ['superseded', 'cancelled']);
  const third = await push('x', commit(3));
  assert.equal(third.outcome, 'queued');
  await building('x', 2);
  assert.equal(await queues.build.getJobState(third.job), 'active');
});

test('what one project builds is not stopped by cancelling a branch of the same name in another', async (t) => {
  const { push, building, queues, cancel } = await cancelRig(t);
  const other = { project: 'other', branch: 'x', asked: { by: 'sweep' } } as const;
  const { enqueueBuild } = await import('@bough/host/queue/enqueue.ts');
  const running = await enqueueBuild(queues, other, { production: false });
  await building('x');
  const { job } = await push('x', commit(1));

  const { jobs } = await cancel('x');

  assert.deepEqual(jobs, [{ job, was: 'waiting' }]);
  assert.equal(await queues.build.getJobState(running.job), 'active');
});

test('a build that had come to its end when it was told to stop stands', async (t) => {
  const { push, building, cancel, store, layout } = await cancelRig(t);
  await push('x', commit(1));
  const build = await building('x');
  const { newDeployment } = await import('@bough/core/state/deployment.ts');
  const at = new Date().toISOString();
  const head = { outcome: 'released', commit: commit(1), release: 1, at } as const;
  await store.write({ ...newDeployment(id('x'), 'x'), desired: 1, lastSeq: 1, head });
  build.end('built');

  await assert.rejects(cancel('x'), fails('OPERATION_REFUSED'));

  assert.deepEqual(JSON.parse(await readFile(layout.deploymentFile(id('x')), 'utf8')).head, head);
});

test('a branch that was never built is found by its slug', async (t) => {
  const { cancel, push, building } = await cancelRig(t);
  const { job } = await push('feature/x', commit(1));
  await building('feature/x');

  const { branch, jobs } = await cancel(slugOf('feature/x'));

  assert.deepEqual([branch, jobs], ['feature/x', [{ job, was: 'running' }]]);
});

test('the builds of another branch with the same slug are left alone', async (t) => {
  const [one, other] = ['feature/x_---____-____---_', 'feature/x_---__-_--__-_-__'];
  assert.equal(slugOf(one), slugOf(other));
  const { cancel, push, building, outcome } = await cancelRig(t);
  const running = await push(one, commit(1));
  const build = await building(one);
  const waiting = await push(other, commit(2));

  const { jobs } = await cancel(other);

  assert.deepEqual([jobs, build.signal.aborted], [[{ job: waiting.job, was: 'waiting' }], false]);
  build.end('built');
  assert.equal((await outcome(running.job)).outcome, 'built');
  assert.equal((await outcome(waiting.job)).outcome, 'cancelled');
});

test('a cancel while Redis is away stops nothing', async (t) => {
  const { cancel, push, building, redis } = await cancelRig(t);
  await push('x', commit(1));
  const build = await building('x');
  redis.disconnect();

  await assert.rejects(cancel('x'), fails('QUEUE_UNAVAILABLE', /Redis cannot keep/));

  assert.equal(build.signal.aborted, false);
});
