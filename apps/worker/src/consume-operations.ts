import { OperateJob } from '@bough/core/queue/jobs.ts';
import { parseJob } from '@bough/core/queue/parse-job.ts';
import type { Job } from 'bullmq';
import { type ConsumerHost, consumeJob, jobHostOf, neverStopped } from './consume-job.ts';

/** What an operation is run with. */
export interface OperationRun {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** The job, whose earlier run may have decided already; `undefined`: a person has it tried again. */
  readonly job: string | undefined;
  /** The commit a cancel was found to be about by an earlier run. */
  readonly commit: string | undefined;
  /** How the deployment was when an earlier run began. */
  readonly before: OperateJob['before'];
  /** Keeps what was decided on the way, for a run after a restart. */
  readonly remember: (decided: Partial<Pick<OperateJob, 'operation' | 'commit' | 'before'>>) => Promise<void>;
}

/** What operations need of the worker. */
export interface OperateConsumerHost extends ConsumerHost {
  readonly operate: (operation: OperateJob['operation'], run: OperationRun) => Promise<object>;
}

/** Operations of one deployment go one after the other by its lock; most of one is waiting for an app. */
export const operateConcurrency = 8;

/** The processor of queue `operate`: what people ask for through the API. */
export function createOperateConsumer(host: OperateConsumerHost) {
  return async (job: Job, token?: string, cancelled?: AbortSignal): Promise<object> =>
    await consumeJob(
      {
        parse: (data) => parseJob(OperateJob, data, job.id ?? ''),
        work: async ({ data, signal, line }) =>
          await host.operate(data.operation, {
            signal,
            log: line,
            commit: data.commit,
            job: hasFailed(job) ? undefined : job.id,
            before: hasFailed(job) ? undefined : data.before,
            remember: async (decided) => await job.updateData({ ...data, ...decided }),
          }),
        stopped: neverStopped,
      },
      jobHostOf(host, { job, token, cancelled }),
    );
}

/** Then a person has it tried again, and what was before the first time is long past. */
function hasFailed({ attemptsMade, stacktrace }: Job): boolean {
  return attemptsMade > 0 || (stacktrace ?? []).length > 0;
}
