import type { JobsOptions, Queue } from 'bullmq';
import type { Enqueued } from './enqueued.ts';

/** A job and the queue it is for. */
export interface JobToAdd {
  readonly queue: Queue;
  readonly name: string;
  readonly data: object;
  readonly options: JobsOptions;
  /** What Redis is to remember before it has the job. */
  readonly first?: () => Promise<void>;
}

/**
 * Adds a job under an id. BullMQ answers with the id of the job that took ours in, where there is one (`deduplicateJob.lua` of
 * 6.7), and leaves a job as it is that has this id already.
 */
export async function addJob({ queue, name, data, options, first }: JobToAdd, id: string): Promise<Enqueued> {
  // At once: over one connection they come in this order.
  const [, { id: job = id }] = await Promise.all([first?.(), queue.add(name, data, { ...options, jobId: id })]);
  return { job, own: id, outcome: job === id ? 'queued' : 'joined' };
}
