import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { buildJobOptions } from '@bough/core/queue/job-options.ts';
import { createOldestPending } from '@bough/worker/oldest-pending.ts';
import { type OpenQueues, openQueues } from '../support/queues.ts';
import { createTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const twoDaysMs = 2 * 86_400_000;
const id = { project: 'demo', slug: 'x' };
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
  await queues.build.add('build', job, { ...buildJobOptions(id, false), jobId: 'one', timestamp });

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
