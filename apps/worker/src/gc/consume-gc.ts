import { GcJob, type GcOutcome } from '@bough/core/queue/jobs.ts';
import { parseJob } from '@bough/core/queue/parse-job.ts';
import type { CollectGarbage } from '@bough/host/gc/collect-garbage.ts';
import type { Job } from 'bullmq';
import type { Logger } from 'pino';
import { consumeJob } from '../consume-job.ts';

export interface GcConsumerHost {
  readonly gc: CollectGarbage;
  readonly inHand: Set<string>;
  /** Aborted at shutdown. */
  readonly stop: AbortSignal;
  readonly log: Logger;
}

/** The processor of the jobs `gc` of queue `build`: there they never meet a build. */
export function createGcConsumer({ gc, inHand, stop, log }: GcConsumerHost) {
  return async (job: Job, token?: string, cancelled?: AbortSignal): Promise<GcOutcome> =>
    await consumeJob(
      {
        parse: (data) => parseJob(GcJob, data, job.id ?? ''),
        work: async ({ data, signal, line }) => await gc({ all: data.all, signal, log: line }),
        stopped: () => {
          throw new Error('only a shutdown stops a collection');
        },
      },
      {
        job,
        token,
        inHand,
        signal: AbortSignal.any(cancelled === undefined ? [stop] : [stop, cancelled]),
        log: log.child({ job: job.id, kind: job.name, attempt: job.attemptsMade + 1 }),
      },
    );
}
