import { queuePrefix } from '@bough/core/queue/jobs.ts';
import { createQueues, type Queues } from '@bough/host/queue/create-queues.ts';
import { redisOptions } from '@bough/host/redis/redis-options.ts';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { until } from './until.ts';

/** One job, in what a test compares. */
export interface WaitingJob {
  readonly queue: string;
  readonly name: string;
  readonly project: string | undefined;
  readonly branch: string | undefined;
}

/** A worker of a queue whose jobs run until the test ends them. */
export interface HeldWorker extends AsyncDisposable {
  /** Waits until a job of this id runs, and resolves with the id. */
  running(id: string | RegExp): Promise<string>;
  /** Ends the job that runs, with what it returns; with an error it fails for good. */
  finish(end?: Error | object): void;
}

/** The queues of a test, seen from outside. */
export interface OpenQueues extends Queues, AsyncDisposable {
  readonly redis: Redis;
  /** All jobs that wait to be run, but for operations. */
  waiting(): Promise<WaitingJob[]>;
  /** Every key and what it holds, but for the version BullMQ notes. */
  everything(): Promise<Record<string, string>>;
  /** Removes every key. */
  empty(): Promise<void>;
  /** Of the queue `build` unless told otherwise. */
  startWorker(queue?: 'build' | 'sweep' | 'operate'): Promise<HeldWorker>;
}

/** Opens the queues over a connection of the test's own, which waits for Redis. */
export async function openQueues(redisUrl: string): Promise<OpenQueues> {
  const options = { ...redisOptions(redisUrl), maxRetriesPerRequest: null };
  const redis = new Redis(options);
  redis.on('error', () => {});
  const queues = createQueues(redis);
  await queues.build.waitUntilReady();

  return {
    ...queues,
    redis,
    async waiting() {
      const found = await Promise.all(
        [queues.build, queues.reconcile, queues.sweep].map((queue) =>
          queue.getJobs(['waiting', 'prioritized', 'delayed']),
        ),
      );
      return found.flat().map(({ queueName: queue, name, data }) => ({
        queue,
        name,
        project: 'project' in data ? data.project : undefined,
        branch: 'branch' in data ? data.branch : undefined,
      }));
    },
    async everything() {
      const keys = (await redis.keys('*')).toSorted();
      return Object.fromEntries(
        await Promise.all(keys.map(async (key) => [key, (await redis.dumpBuffer(key))?.toString('hex') ?? ''])),
      );
    },
    async empty() {
      await redis.flushall();
    },
    startWorker: (queue = 'build') => startWorker(queue, new Redis(options)),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  };
}

async function startWorker(queue: 'build' | 'sweep' | 'operate', connection: Redis): Promise<HeldWorker> {
  const { promise: ended, resolve: leave } = Promise.withResolvers<void>();
  let active: { id: string; finish: (end?: Error | object) => void } | undefined;

  const worker = new Worker(
    queue,
    async (job) => {
      const { promise, resolve, reject } = Promise.withResolvers<object | undefined>();
      active = { id: job.id ?? '', finish: (end) => (end instanceof Error ? reject(end) : resolve(end)) };
      job.opts.attempts = 1;
      return await Promise.race([promise, ended]);
    },
    { connection, prefix: queuePrefix },
  );
  worker.on('error', () => {});

  return {
    running: (id) =>
      until(
        `job ${id} runs`,
        () => active !== undefined && (typeof id === 'string' ? active.id === id : id.test(active.id)) && active.id,
      ),
    finish(end) {
      const { finish } = active ?? {};
      active = undefined;
      finish?.(end);
    },
    async [Symbol.asyncDispose]() {
      leave();
      await worker.close();
      connection.disconnect();
    },
  };
}
