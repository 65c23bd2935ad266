import { deliveryJobId } from '@bough/core/queue/job-id.ts';
import {
  buildJobOptions,
  gcJobOptions,
  operateJobOptions,
  reconcileJobOptions,
  sweepJobOptions,
} from '@bough/core/queue/job-options.ts';
import type { Asked, BuildJob, GcJob, OperateJob, ReconcileJob, SweepJob } from '@bough/core/queue/jobs.ts';
import type { Job, JobsOptions, Queue } from 'bullmq';
import { randomUUID } from 'node:crypto';
import { sha256 } from '../slug.ts';
import type { Queues } from './create-queues.ts';

/** What became of a request for a job. `job` is the id of the job that stands for it. */
export interface Enqueued {
  readonly job: string;
  /**
   * `queued`: a new job. `joined`: an earlier job of the same deployment stands for it, and if that one already runs, one
   * more run follows it. `repeated`: the same delivery made this job before. `retried`: so it did, and as the job had
   * failed it waits again.
   */
  readonly outcome: 'queued' | 'joined' | 'repeated' | 'retried';
}

/** Adds a build of a branch. `production` branches go first. A job that waits already is from now on what a person asks for. */
export async function enqueueBuild(
  queues: Queues,
  job: BuildJob,
  { production }: { production: boolean },
): Promise<Enqueued> {
  const enqueued = await enqueue(queues.build, 'build', job, job, buildJobOptions(job, production));
  if (enqueued.outcome === 'joined' && job.asked.by === 'person') await askAnew(queues, enqueued.job, job.asked);
  return enqueued;
}

/** One that runs has its follower, which carries what the person asked for. */
async function askAnew({ build }: Queues, id: string, asked: Asked): Promise<void> {
  const waiting: Job | undefined = await build.getJob(id);
  if (waiting === undefined || (await waiting.isActive())) return;
  await waiting.updateData({ ...waiting.data, asked });
}

/** Adds a sweep of one project, or of all where the job names none. It begins after `delayMs` at the soonest. */
export function enqueueSweep(queues: Queues, job: SweepJob, delayMs = 0): Promise<Enqueued> {
  const options = { ...sweepJobOptions(job.project ?? null), delay: delayMs };
  return enqueue(queues.sweep, 'sweep', job, job, options);
}

/** Adds a look at one deployment. One that is put off after a failure is taken now: there is a reason to look. */
export async function enqueueReconcile(queues: Queues, job: ReconcileJob): Promise<Enqueued> {
  const enqueued = await enqueue(queues.reconcile, 'reconcile', job, job, reconcileJobOptions(job));
  if (enqueued.outcome === 'joined') await promote(queues.reconcile, enqueued.job);
  return enqueued;
}

async function promote(queue: Queue, id: string): Promise<void> {
  const job = await queue.getJob(id);
  try {
    if ((await job?.isDelayed()) === true) await job?.promote();
  } catch (error) {
    if ((await job?.isDelayed()) === true) throw error; // else its time had come meanwhile
  }
}

/** Adds what a person asks for. */
export function enqueueOperation(queues: Queues, job: OperateJob): Promise<Enqueued> {
  return enqueue(queues.operate, 'operate', job, {}, operateJobOptions());
}

/** Adds a collection, which joins one that waits or runs. */
export function enqueueGc(queues: Queues, job: GcJob): Promise<Enqueued> {
  return enqueue(queues.build, 'gc', job, {}, gcJobOptions(job.asked.by === 'person'));
}

async function enqueue(
  queue: Queue,
  name: string,
  data: { asked: Asked },
  { project = '', branch = null }: { project?: string | undefined; branch?: string | null },
  options: JobsOptions,
): Promise<Enqueued> {
  if (data.asked.by !== 'delivery') return add(queue, name, data, `${data.asked.by}-${randomUUID()}`, options);

  const id = deliveryJobId(project, data.asked.delivery, branch, sha256);
  const earlier = await queue.getJob(id);
  return earlier === undefined ? add(queue, name, data, id, options) : repeat(earlier, id);
}

/** `add` answers with the id of the job that took ours in, where there is one (`deduplicateJob.lua` of BullMQ 6.7). */
async function add(queue: Queue, name: string, data: object, id: string, options: JobsOptions): Promise<Enqueued> {
  const { id: job = id } = await queue.add(name, data, { ...options, jobId: id });
  return { job, outcome: job === id ? 'queued' : 'joined' };
}

/** BullMQ takes an id it knows for done, even where that job failed: one that failed has to be retried by hand. */
async function repeat(earlier: Job, id: string): Promise<Enqueued> {
  if (!(await earlier.isFailed())) return { job: id, outcome: 'repeated' };
  try {
    await earlier.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    return { job: id, outcome: 'retried' };
  } catch (error) {
    if (await earlier.isFailed()) throw error;
    return { job: id, outcome: 'repeated' }; // somebody else retried it meanwhile
  }
}
