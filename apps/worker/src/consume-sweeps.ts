import { SweepJob } from '@bough/core/queue/jobs.ts';
import { parseJob } from '@bough/core/queue/parse-job.ts';
import type { Sweep } from '@bough/host/sweep/sweep.ts';
import type { Job, Queue } from 'bullmq';
import { type ConsumerHost, jobHostOf, neverStopped } from './consume-job.ts';
import { consumeRepeated } from './consume-repeated.ts';

/** What sweeps need of the worker. */
export interface SweepConsumerHost extends ConsumerHost {
  readonly sweep: Sweep;
  readonly queue: Queue;
}

/**
 * How many sweeps run at once. A sweep keeps to the lane of its project; a remote that hangs holds two at the most, that of all
 * which met it first and that of its own, each waiting and nothing else.
 */
export const sweepConcurrency = 16;

/** The processor of queue `sweep`. */
export function createSweepConsumer(options: SweepConsumerHost) {
  return async (job: Job, token?: string, cancelled?: AbortSignal): Promise<unknown> => {
    const host = jobHostOf(options, { job, token, cancelled }, { project: SweepJob.safeParse(job.data).data?.project });
    return await consumeRepeated(
      {
        parse: (data) => parseJob(SweepJob, data, job.id ?? ''),
        work: async ({ data: { project = null }, signal, line }) => await options.sweep(project, { signal, log: line }),
        stopped: neverStopped,
      },
      host,
      options.queue,
    );
  };
}
