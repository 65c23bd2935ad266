import { cancelMarkOf } from '../queue/cancel-mark.ts';
import { BuildJob, OperateJob, SweepJob } from '../queue/jobs.ts';
import { jobEnd } from '../ledger/job-end.ts';
import { plainText } from '../text/plain-text.ts';
import type { JobView } from './answers.ts';

/** A job as BullMQ knows it. Times in ms since 1970. */
export interface KnownJob {
  readonly id: string;
  readonly queue: JobView['queue'];
  readonly data: unknown;
  readonly state: JobView['state'];
  readonly progress: unknown;
  readonly returned: unknown;
  readonly failedReason: string | null;
  readonly attemptsMade: number;
  readonly timestamp: number;
  readonly processedOn: number | null;
  readonly finishedOn: number | null;
}

/** A job for whoever asked for it; `null` for one that is of no project, or not Bough's. */
export function viewJob(job: KnownJob): JobView | null {
  const about = aboutOf(job);
  if (about === null) return null;
  const { cancelled, ...subject } = about;
  const end =
    job.finishedOn === null
      ? null
      : jobEnd({
          ...job,
          finishedOn: job.finishedOn,
          failedReason: job.state === 'failed' ? (job.failedReason ?? '') : null,
        });
  return {
    id: job.id,
    queue: job.queue,
    ...subject,
    state: job.state,
    outcome: end?.outcome ?? (cancelled === null ? null : 'cancelled'),
    reason:
      end?.reason ?? cancelled ?? (job.state === 'retrying' ? plainText(job.failedReason ?? '').slice(0, 500) : null),
    progress: job.progress,
    result: job.returned ?? null,
    addedAt: time(job.timestamp),
    startedAt: job.processedOn === null ? null : time(job.processedOn),
    endedAt: end === null ? null : time(end.at),
  };
}

function aboutOf({ data, attemptsMade }: KnownJob) {
  const build = BuildJob.safeParse(data).data;
  if (build !== undefined) {
    const { project, branch, asked } = build;
    const cancelled = cancelMarkOf(build, attemptsMade);
    const why = cancelled === null ? null : `cancelled by ${cancelled.by}; it ends when it is its turn`;
    return { kind: 'build', project, branch, askedBy: nameOf(asked), cancelled: why };
  }
  const operate = OperateJob.safeParse(data).data;
  if (operate !== undefined) {
    const { kind, project, branch, by } = operate.operation;
    return { kind, project, branch, askedBy: by, cancelled: null };
  }
  const sweep = SweepJob.safeParse(data).data;
  if (sweep?.project === undefined) return null;
  return { kind: 'sweep', project: sweep.project, branch: null, askedBy: nameOf(sweep.asked), cancelled: null };
}

function nameOf(asked: BuildJob['asked']): string {
  return asked.by === 'person' ? (asked.name ?? 'person') : asked.by;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
