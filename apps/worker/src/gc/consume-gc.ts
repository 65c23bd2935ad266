import { GcJob, type GcOutcome } from '@bough/core/queue/jobs.ts';
import { parseJob } from '@bough/core/queue/parse-job.ts';
import type { CollectGarbage } from '@bough/host/gc/collect-garbage.ts';
import type { Job } from 'bullmq';
import { type ConsumerHost, consumeJob, jobHostOf, neverStopped } from '../consume-job.ts';

/** What collections need of the worker. */
export interface GcConsumerHost extends ConsumerHost {
  readonly gc: CollectGarbage;
}

/** The processor of the jobs `gc` of queue `build`: there they never meet a build. */
export function createGcConsumer(host: GcConsumerHost) {
  return async (job: Job, token?: string, cancelled?: AbortSignal): Promise<GcOutcome> =>
    await consumeJob(
      {
        parse: (data) => parseJob(GcJob, data, job.id ?? ''),
        work: async ({ data, signal, line }) => await host.gc({ all: data.all, signal, log: line }),
        stopped: neverStopped,
      },
      jobHostOf(host, { job, token, cancelled }),
    );
}
