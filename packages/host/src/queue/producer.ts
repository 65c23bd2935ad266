import type { BuildJob, OperateJob, SweepJob } from '@bough/core/queue/jobs.ts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { createQueues } from './create-queues.ts';
import { enqueueBuild, enqueueOperation, enqueueSweep } from './enqueue.ts';
import type { Enqueued } from './enqueued.ts';
import { createGate } from './gate.ts';

/** Adds jobs for one who must answer soon: each call ends within about a second, kept by Redis or refused. */
export type Producer = ReturnType<typeof createProducer>;

/**
 * A producer over a connection made by `connectProducer`. Its calls throw AppError QUEUE_UNAVAILABLE where Redis cannot
 * keep the job; see `createGate`.
 */
export function createProducer(redis: Redis, { log }: { log: Logger }) {
  const queues = createQueues(redis);
  const gate = createGate(redis, log);
  return {
    enqueueBuild: (job: BuildJob, options: Parameters<typeof enqueueBuild>[2]): Promise<Enqueued> =>
      gate('the build job', () => enqueueBuild(queues, job, options)),
    enqueueOperation: (job: OperateJob): Promise<Enqueued> =>
      gate('the operation', () => enqueueOperation(queues, job)),
    enqueueSweep: (job: SweepJob, options: Parameters<typeof enqueueSweep>[2] = {}): Promise<Enqueued> =>
      gate('the sweep job', () => enqueueSweep(queues, job, options)),
  };
}
