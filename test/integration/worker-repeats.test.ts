// One Debian is enough: the queue decides, which is Node's and Redis's; `worker-redis.test.ts` tries both of these.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { queueNames, queuePrefix, type ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import { createQueues } from '@bough/host/queue/create-queues.ts';
import { enqueueReconcile, enqueueSweep } from '@bough/host/queue/enqueue.ts';
import { createReconcileConsumer } from '@bough/worker/consume-reconciles.ts';
import { createSweepConsumer } from '@bough/worker/consume-sweeps.ts';
import { type Job, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createTestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const id = { project: 'demo', slug: 'main' };
const crashed = () => new AppError('APP_EXITED', `it ended after ${Math.random()} s`);

/** How a job that did these things ended. */
const outcomeOf = (...applied: string[]): ReconcileOutcome => ({
  outcome: 'converged',
  release: 1,
  applied,
  drift: [],
});

/** Reconciles and sweeps that end as `endings` says, in the order they are asked for. */
async function consumerOf(t: TestContext, endings: (AppError | ReconcileOutcome)[]) {
  const redis = await createTestRedis();
  const client = new Redis({ path: redis.socket, maxRetriesPerRequest: null });
  const queues = createQueues(client);
  const end = async () => {
    const ending = endings.shift();
    if (ending instanceof AppError) throw ending;
    return ending ?? assert.fail('more jobs ran than were planned');
  };
  const host = { inHand: new Set<string>(), stop: new AbortController().signal, log: pino({ level: 'silent' }) };
  const workerOptions = { connection: client, prefix: queuePrefix, skipVersionCheck: true };
  const workers = [
    new Worker(
      queueNames.reconcile,
      createReconcileConsumer({ ...host, reconcile: end, queue: queues.reconcile }),
      workerOptions,
    ),
    new Worker(
      queueNames.sweep,
      createSweepConsumer({ ...host, sweep: async () => ({ findings: (await end()).applied }), queue: queues.sweep }),
      workerOptions,
    ),
  ];
  t.after(async () => {
    for (const worker of workers) await worker.close();
    await queues.close();
    client.disconnect();
    await redis[Symbol.asyncDispose]();
  });
  const ended = async (state: 'failed' | 'completed') => {
    const jobs: Job[] = [...(await queues.reconcile.getJobs([state])), ...(await queues.sweep.getJobs([state]))];
    return jobs.map((job) => job.id);
  };
  const run = async (enqueued: Promise<{ job: string }>): Promise<string> => {
    const { job } = await enqueued;
    await until('it ended', async () => [...(await ended('failed')), ...(await ended('completed'))].includes(job));
    return job;
  };
  return {
    ended,
    sweep: () => run(enqueueSweep(queues, { asked: { by: 'sweep' } })),
    reconcile: (by: 'sweep' | 'build') => run(enqueueReconcile(queues, { ...id, asked: { by } })),
  };
}

test('what fails anew with each sweep is red once, by its latest run; what a build asked for stays', async (t) => {
  const { ended, reconcile } = await consumerOf(t, [crashed(), crashed(), crashed(), crashed()]);
  const ofBuild = await reconcile('build');
  await reconcile('sweep');
  await reconcile('sweep');

  const latest = await reconcile('sweep');

  await until('the earlier are gone', async () => (await ended('failed')).length === 2);
  assert.deepEqual(new Set(await ended('failed')), new Set([ofBuild, latest]));
});

test('a failure of another class is kept beside it', async (t) => {
  const { ended, reconcile } = await consumerOf(t, [crashed(), new AppError('APP_START', 'it cannot start')]);

  await reconcile('sweep');
  await reconcile('sweep');

  assert.equal((await ended('failed')).length, 2);
});

test('sweeps that found nothing leave one job, those that found something stay', async (t) => {
  const nothing = outcomeOf();
  const { ended, sweep } = await consumerOf(t, [nothing, outcomeOf('build demo main'), nothing, nothing]);
  await sweep();
  const finder = await sweep();
  await sweep();

  const latest = await sweep();

  await until('the earlier are gone', async () => (await ended('completed')).length === 2);
  assert.deepEqual(new Set(await ended('completed')), new Set([finder, latest]));
});

test('a sweep that could not look at everything fails, and with what', async (t) => {
  const { ended, sweep } = await consumerOf(t, [
    new AppError('SWEEP_INCOMPLETE', '1 of its parts failed', { log: ['refs of demo: SOURCE_FETCH: down'] }),
  ]);

  const job = await sweep();

  assert.deepEqual(await ended('failed'), [job]);
});
