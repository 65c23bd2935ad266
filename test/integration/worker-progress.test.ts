// One Debian is enough: the queue decides, which is Node's and Redis's; `worker-redis.test.ts` tries both of these.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { buildJobOptions } from '@bough/core/queue/job-options.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import { createOldestPending } from '@bough/worker/oldest-pending.ts';
import { createUntaken } from '@bough/worker/untaken.ts';
import { type OpenQueues, openQueues } from '../support/queues.ts';
import { createTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const twoDaysMs = 2 * 86_400_000;
const job = { project: 'demo', branch: 'x', asked: { by: 'sweep' } } as const;

let redis: TestRedis;
let queues: OpenQueues;
before(async () => {
  redis = await createTestRedis();
  queues = await openQueues(redis.url);
});
beforeEach(() => queues.empty());
after(async () => {
  await queues[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

const add = async (timestamp: number) =>
  await queues.build.add('build', job, { ...buildJobOptions(job, false), jobId: 'one', timestamp });

test('the oldest pending job is as old as it says, and there is none where nothing waits', async () => {
  const oldest = createOldestPending();
  assert.equal(await oldest(queues), 0);

  await add(Date.now() - twoDaysMs);

  const age = await oldest(queues);
  assert.ok(age !== null && age > 172_000 && age < 173_000, String(age));
});

test('a job of long ago that a person retries has been pending since then, and not for longer', async () => {
  const oldest = createOldestPending();
  const added = await add(Date.now() - twoDaysMs);
  {
    await using worker = await queues.startWorker();
    await worker.running('one');
    worker.finish(new Error('BUILD_FAILED: it does not compile'));
    await until('it has failed', async () => (await queues.build.getJobState('one')) === 'failed');
  }
  await added.retry('failed');

  const first = await oldest(queues);
  assert.ok(first !== null && first < 60, String(first));
  const later = createOldestPending(() => Date.now() + 5_000);
  assert.ok(((await later(queues)) ?? 99) < 60);
  assert.ok(((await oldest(queues)) ?? -1) >= first, 'it counts from when it was first seen');
});

test('with a Redis that is frozen the age of the oldest cannot be told, and that is told within seconds', async () => {
  const oldest = createOldestPending();
  redis.freeze();
  const from = performance.now();

  assert.equal(await oldest(queues), null);

  redis.thaw();
  assert.ok(performance.now() - from < 5_000);
});

test('a job that could be taken and is not is noted, anew with each one that is taken', async () => {
  let now = 0;
  const actions = createActions(() => now);
  const look = createUntaken(queues.redis, actions);
  const inHand = new Set<string>();
  let begun = 0;
  const noted = async () => {
    await look({ queue: queues.build, inHand, begun: () => begun });
    return actions.list().map(({ what, needsRedis }) => [what, needsRedis]);
  };
  const untaken = [['queue build: a job could be taken and nobody takes it', true]];

  assert.deepEqual(await noted(), [], 'nothing waits');
  await add(Date.now());
  inHand.add('another');
  assert.deepEqual(await noted(), [], 'somebody is at work');
  inHand.clear();
  assert.deepEqual(await noted(), untaken);
  now += 5_000;
  assert.deepEqual(await noted(), untaken);
  assert.equal(actions.list()[0]?.ageSec, 5, 'and goes on being so');
  await queues.build.pause();
  assert.deepEqual(await noted(), [], 'the queue is paused');
  await queues.build.resume();
  assert.deepEqual(await noted(), untaken);
  now += 5_000;
  begun += 1;
  assert.deepEqual(await noted(), untaken);
  assert.equal(actions.list()[0]?.ageSec, 0, 'it counts anew once one was taken');
});

test('a job that nobody can take as Redis takes no writes is not noted: another worker could not either', async () => {
  const actions = createActions();
  const look = createUntaken(queues.redis, actions);
  const queue = { queue: queues.build, inHand: new Set<string>(), begun: () => 0 };
  await add(Date.now());
  await queues.redis.config('SET', 'maxmemory', '1');
  await look(queue);
  assert.deepEqual(actions.list(), []);

  await queues.redis.config('SET', 'maxmemory', '0');

  await look(queue);
  assert.equal(actions.list().length, 1);
});

test('a job that was put off could be taken once its time has come', async () => {
  const actions = createActions();
  const look = createUntaken(queues.redis, actions);
  const queue = { queue: queues.build, inHand: new Set<string>(), begun: () => 0 };
  await queues.build.add('build', job, { delay: 60_000, jobId: 'later' });
  await look(queue);
  assert.deepEqual(actions.list(), []);

  await (await queues.build.getJob('later'))?.changeDelay(1);

  await until('it is noted', async () => {
    await look(queue);
    return actions.list().length === 1;
  });
});
