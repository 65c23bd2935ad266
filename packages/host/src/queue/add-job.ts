import type { JobsOptions, Queue } from 'bullmq';
import type { Enqueued } from './enqueued.ts';

/** A job and the queue it is for. */
export interface JobToAdd {
  readonly queue: Queue;
  readonly name: string;
  readonly data: object;
  readonly options: JobsOptions;
}

/**
 * Adds a job under an id. BullMQ answers with the id of the job that took ours in, where there is one (`deduplicateJob.lua` of
 * 6.7), and leaves a job as it is that has this id already.
 */
export async function addJob({ queue, name, data, options }: JobToAdd, id: string): Promise<Enqueued> {
  const { id: job = id } = await queue.add(name, data, { ...options, jobId: id });
  return { job, own: id, outcome: job === id ? 'queued' : 'joined' };
}
