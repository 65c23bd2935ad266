import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { ReconcileJob, type ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import { parseJob } from '@bough/core/queue/parse-job.ts';
import type { Job, Queue } from 'bullmq';
import { type ConsumerHost, jobHostOf, type JobRun, neverStopped } from './consume-job.ts';
import { consumeRepeated } from './consume-repeated.ts';

/** What a reconcile is run with. */
export interface ReconcileRun extends Pick<JobRun<ReconcileJob>, 'signal' | 'again'> {
  /** Adds a line to the log people see in the board. */
  readonly log: (line: string) => void;
}

/** What reconciles need of the worker. */
export interface ReconcileConsumerHost extends ConsumerHost {
  readonly reconcile: (id: DeploymentId, run: ReconcileRun) => Promise<ReconcileOutcome>;
  readonly queue: Queue;
}

/** Several deployments at once; the store's lock keeps two jobs of one apart. Most of a reconcile is waiting for an app. */
export const reconcileConcurrency = 4;

/** The processor of queue `reconcile`. */
export function createReconcileConsumer(options: ReconcileConsumerHost) {
  return async (job: Job, token?: string, cancelled?: AbortSignal): Promise<ReconcileOutcome> => {
    const id = ReconcileJob.safeParse(job.data).data;
    const host = jobHostOf(options, { job, token, cancelled }, { project: id?.project, deployment: id?.slug });
    return await consumeRepeated(
      {
        parse: (data) => parseJob(ReconcileJob, data, job.id ?? ''),
        work: async ({ data: { project, slug }, signal, line, again }) =>
          await options.reconcile({ project, slug }, { signal, log: line, again }),
        stopped: neverStopped,
      },
      host,
      options.queue,
    );
  };
}
