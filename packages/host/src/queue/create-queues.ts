import {
  type BuildJob,
  type GcJob,
  type OperateJob,
  queueNames,
  queuePrefix,
  type ReconcileJob,
  type SweepJob,
} from '@bough/core/queue/jobs.ts';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** The queues, to add jobs to and to look at. */
export interface Queues {
  readonly build: Queue<BuildJob | GcJob>;
  readonly reconcile: Queue<ReconcileJob>;
  readonly sweep: Queue<SweepJob>;
  readonly operate: Queue<OperateJob>;
  /** Their connection, which is the caller's. */
  readonly redis: Redis;
  /** Lets go of the queues. The connection stays open. */
  close(): Promise<void>;
}

/** The queues over a connection of the caller's, whose errors are the caller's to log. */
export function createQueues(redis: Redis): Queues {
  // The version check sends INFO once, and a queue whose INFO failed stays broken for ever (`init` of BullMQ 6.7 keeps the rejected promise).
  const options = { connection: redis, prefix: queuePrefix, skipVersionCheck: true };
  const build = new Queue<BuildJob | GcJob>(queueNames.build, options);
  const reconcile = new Queue<ReconcileJob>(queueNames.reconcile, options);
  const sweep = new Queue<SweepJob>(queueNames.sweep, options);
  const operate = new Queue<OperateJob>(queueNames.operate, options);
  const all = [build, reconcile, sweep, operate];
  for (const queue of all) queue.on('error', () => {}); // without a listener BullMQ prints to stderr
  return {
    build,
    reconcile,
    sweep,
    operate,
    redis,
    async close() {
      await Promise.all(all.map(async (queue) => await queue.close()));
    },
  };
}
