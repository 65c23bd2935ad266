import { deliveryJobId } from '@bough/core/queue/job-id.ts';
import {
  buildJobOptions,
  gcJobOptions,
  operateJobOptions,
  reconcileJobOptions,
  sweepJobOptions,
} from '@bough/core/queue/job-options.ts';
import {
  type Asked,
  BuildJob,
  type GcJob,
  type OperateJob,
  type ReconcileJob,
  type SweepJob,
} from '@bough/core/queue/jobs.ts';
import type { Job, JobState, Queue } from 'bullmq';
import { randomUUID } from 'node:crypto';
import { sha256 } from '../slug.ts';
import { addJob, type JobToAdd } from './add-job.ts';
import { rememberAsk } from './asks.ts';
import type { Queues } from './create-queues.ts';
import { enqueueOnce } from './enqueue-once.ts';
import { rememberJoiner } from './joined-jobs.ts';
import type { Enqueued } from './enqueued.ts';

/** Who asks. A delivery is known again by its `identity`, which is its id unless given. */
interface Asker {
  readonly identity?: string | undefined;
}

/** What a job is about. */
interface About {
  readonly project?: string | undefined;
  readonly branch?: string | null;
}

/**
 * Adds a build of a branch. `production` branches go first. A job that waits already is from now on what a person asks for. What is
 * asked for of a commit is in the job; that of one which joined another is remembered beside it, see `Ask`.
 */
export async function enqueueBuild(
  queues: Queues,
  job: BuildJob,
  { production, ...asker }: { readonly production: boolean } & Asker,
): Promise<Enqueued> {
  const toAdd = { queue: queues.build, name: 'build', data: job, options: buildJobOptions(job, production) };
  const enqueued = await enqueue(queues, toAdd, job, asker);
  if (enqueued.outcome === 'joined') await rememberAsk(queues.redis, job);
  if (enqueued.outcome === 'joined' && job.asked.by === 'person') await renewWaiting(queues, enqueued.job, job.asked);
  if (enqueued.outcome === 'joined' && job.asked.by !== 'delivery')
    await rememberJoiner(queues.redis, enqueued.own, enqueued.job);
  return enqueued;
}

/** One that runs has its follower, which carries what was asked for last. */
async function renewWaiting({ build }: Queues, id: string, asked: Asked): Promise<void> {
  const waiting: Job | undefined = await build.getJob(id);
  const { data } = BuildJob.safeParse(waiting?.data);
  if (waiting === undefined || data === undefined || (await waiting.isActive())) return;
  await waiting.updateData({ ...data, asked });
}

/** Adds a sweep of one project, or of all where the job names none. It begins after `delayMs` at the soonest. */
export function enqueueSweep(
  queues: Queues,
  job: SweepJob,
  { delayMs = 0, ...asker }: { readonly delayMs?: number } & Asker = {},
): Promise<Enqueued> {
  const options = { ...sweepJobOptions(job.project ?? null), delay: delayMs };
  return enqueue(queues, { queue: queues.sweep, name: 'sweep', data: job, options }, job, asker);
}

/**
 * Adds a look at one deployment, after all others where a sweep asks for it. One that waits behind others is urgent from now on when
 * somebody else asks, and one that is put off after a failure is taken now: there is a reason to look.
 */
export async function enqueueReconcile(
  queues: Queues,
  job: ReconcileJob,
  { urgent = job.asked.by !== 'sweep' }: { readonly urgent?: boolean } = {},
): Promise<Enqueued> {
  const options = reconcileJobOptions(job, urgent);
  const enqueued = await enqueue(queues, { queue: queues.reconcile, name: 'reconcile', data: job, options }, job);
  if (enqueued.outcome !== 'joined') return enqueued;
  // What follows a run is what was asked for last, and somebody in a hurry may have asked before.
  if (!urgent && (await isRunning(queues.reconcile, enqueued.job)))
    return await enqueueReconcile(queues, job, { urgent: true });
  await hasten(queues.reconcile, enqueued.job, urgent);
  return enqueued;
}

async function isRunning(queue: Queue, id: string): Promise<boolean> {
  return (await queue.getJobState(id)) === 'active';
}

async function hasten(queue: Queue, id: string, urgent: boolean): Promise<void> {
  const job = await queue.getJob(id);
  await unlessNoMore(job, 'delayed', async (found) => await found.promote());
  if (urgent) await unlessNoMore(job, 'prioritized', async (found) => await found.changePriority({ priority: 0 }));
}

/** Does something to a job in a state, unless its time has come meanwhile. */
async function unlessNoMore(job: Job | undefined, state: JobState, work: (job: Job) => Promise<void>): Promise<void> {
  if (job === undefined || (await job.getState()) !== state) return;
  try {
    await work(job);
  } catch (error) {
    if ((await job.getState()) === state) throw error;
  }
}

/** Adds what a person asks for. */
export function enqueueOperation(queues: Queues, job: OperateJob): Promise<Enqueued> {
  return enqueue(queues, { queue: queues.operate, name: 'operate', data: job, options: operateJobOptions() }, {});
}

/** Adds a collection, which joins one that waits or runs. */
export function enqueueGc(queues: Queues, job: GcJob): Promise<Enqueued> {
  const options = gcJobOptions(job.asked.by === 'person');
  return enqueue(queues, { queue: queues.build, name: 'gc', data: job, options }, {});
}

/** The id of the job that a delivery asks for, by what the delivery is known again: the same for each time it comes. */
export function ownJobId({ project = '', branch = null }: About, identity: string): string {
  return deliveryJobId(project, identity, branch, sha256);
}

async function enqueue(
  { redis }: Queues,
  job: JobToAdd & { readonly data: { readonly asked: Asked } },
  about: About & { readonly seen?: string | null | undefined },
  { identity }: Asker = {},
): Promise<Enqueued> {
  const { asked } = job.data;
  if (asked.by !== 'delivery') return await addJob(job, `${asked.by}-${randomUUID()}`);
  const { project = '', branch = null, seen: commit = null } = about;
  const { delivery } = asked;
  const own = ownJobId({ project, branch }, identity ?? delivery);
  return await enqueueOnce(redis, job, own, { project, branch, commit, delivery });
}
