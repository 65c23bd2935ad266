import { AppError } from '@bough/core/app-error.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { ReconcileJob, type ReconcileOutcome, SweepJob } from '@bough/core/queue/jobs.ts';
import { parseJob } from '@bough/core/queue/parse-job.ts';
import { createSerialise } from '@bough/host/serialise.ts';
import { type Job, type Queue, WaitingError } from 'bullmq';
import { type ConsumerHost, consumeJob, type JobHost, jobHostOf, type JobKind, neverStopped } from './consume-job.ts';
import { forgetRepeats } from './forget-repeats.ts';
import { toJobFailure } from './job-failure.ts';

/** What reconciling and sweeping are run with. */
export interface ReconcileRun {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** What reconciles and sweeps need of the worker. */
export interface ReconcileConsumerHost extends ConsumerHost {
  readonly reconcile: (id: DeploymentId, run: ReconcileRun & { readonly again: boolean }) => Promise<ReconcileOutcome>;
  /** One project, or all with `null`. */
  readonly sweep: (project: string | null, run: ReconcileRun) => Promise<unknown>;
  readonly queue: Queue;
}

/** Several deployments at once; the store's lock keeps two jobs of one apart. Most of a reconcile is waiting for an app. */
export const reconcileConcurrency = 4;

/** The processor of queue `reconcile`: jobs `reconcile` and `sweep`. */
export function createReconcileConsumer(options: ReconcileConsumerHost) {
  const { reconcile, sweep, queue } = options;
  const serialise = createSerialise();

  /** Sweeps one after the other: two at once would find the same differences twice. */
  async function sweepInTurn(project: string | null, run: ReconcileRun): Promise<unknown> {
    return await serialise('sweep', async () => {
      run.signal.throwIfAborted();
      return await sweep(project, run);
    });
  }

  async function consume<Data, Outcome>(kind: JobKind<Data, Outcome>, host: JobHost): Promise<Outcome> {
    try {
      const returned = await consumeJob(kind, host);
      await forgetRepeats(queue, host.job, { returned }, host.log);
      return returned;
    } catch (error) {
      if (error instanceof Error && !(error instanceof WaitingError))
        await forgetRepeats(queue, host.job, { failed: error.message }, host.log);
      throw error;
    }
  }

  return async function consumeReconcile(job: Job, token?: string, cancelled?: AbortSignal): Promise<unknown> {
    const id = ReconcileJob.safeParse(job.data).data;
    const host = jobHostOf(options, { job, token, cancelled }, { project: id?.project, deployment: id?.slug });

    if (job.name === 'reconcile') {
      return await consume(
        {
          parse: (data) => parseJob(ReconcileJob, data, job.id ?? ''),
          work: async ({ data, signal, line, again }) =>
            await reconcile({ project: data.project, slug: data.slug }, { signal, log: line, again }),
          stopped: neverStopped,
        },
        host,
      );
    }
    if (job.name === 'sweep') {
      return await consume(
        {
          parse: (data) => parseJob(SweepJob, data, job.id ?? ''),
          work: async ({ data, signal, line }) => await sweepInTurn(data.project ?? null, { signal, log: line }),
          stopped: neverStopped,
        },
        host,
      );
    }
    throw toJobFailure(new AppError('JOB_INVALID', `Queue ${job.queueName} has no jobs named ${job.name}`));
  };
}
