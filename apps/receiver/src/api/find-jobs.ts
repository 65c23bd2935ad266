import type { JobView } from '@bough/core/api/answers.ts';
import { viewJob } from '@bough/core/api/job-view.ts';
import { isJobId } from '@bough/core/queue/job-id.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Gate } from '@bough/host/queue/gate.ts';
import type { Job, JobType, Queue } from 'bullmq';

const queueNames = ['build', 'operate', 'sweep', 'reconcile'] as const;
/** Of the data of a job, as it was queued by whomever. */
type QueuedData = { readonly project?: unknown; readonly operation?: { readonly project?: unknown } | null } | null;

/** Read of a queue at once. */
const atOnce = 500;

/** The job of an id, in whichever queue it is; `null` where there is none, or none of a project. */
export async function findJob(queues: Queues, id: string): Promise<JobView | null> {
  if (!isJobId(id)) return null; // what BullMQ keeps beside its jobs, under the names of branches too, is nobody's business
  for (const queue of queueNames) {
    const read = async (): Promise<Job | undefined> => await (queues[queue] satisfies Queue).getJob(id);
    const job = await read();
    if (job === undefined) continue;
    const state = await job.getState();
    const hasJustEnded = (state === 'completed' || state === 'failed') && job.finishedOn === undefined;
    return viewOf(queue, hasJustEnded ? ((await read()) ?? job) : job, state);
  }
  return null;
}

/** What runs or waits of a project: builds and what people asked for. @throws AppError QUEUE_UNAVAILABLE */
export async function unfinishedJobs(queues: Queues, gate: Gate, project: string): Promise<JobView[]> {
  const views = new Map<string, JobView>(); // one that changes its state meanwhile is met twice
  for (const queue of ['build', 'operate'] as const) {
    // `active` twice: one that runs may wait again before that is read, and one that waits may run.
    for (const state of ['active', 'delayed', 'waiting', 'prioritized', 'active'] as const) {
      for await (const jobs of jobsIn(queues[queue], gate, state)) {
        for (const job of jobs) {
          const view = isSaidOf(project, job.data) ? viewOf(queue, job, state) : null;
          if (view?.project === project) views.set(view.id, view);
        }
      }
    }
  }
  return [...views.values()];
}

/** All jobs of a queue in one state, the newest first: what is taken meanwhile moves none that is still to be read. */
async function* jobsIn(queue: Queue, gate: Gate, state: JobType): AsyncGenerator<Job[]> {
  for (let from = 0; ; from += atOnce) {
    const jobs = await gate('what is asked for', async (): Promise<(Job | undefined)[]> => {
      const ids = await queue.getRanges([state], from, from + atOnce - 1);
      return await Promise.all(ids.map(async (id) => await queue.getJob(id)));
    });
    yield jobs.filter((job) => job !== undefined); // it may end meanwhile
    if (jobs.length < atOnce) return;
  }
}

/** Whether a job says it is of a project: those of others, which may be thousands, are not parsed. */
function isSaidOf(project: string, data: QueuedData): boolean {
  return (data?.project ?? data?.operation?.project) === project;
}

function viewOf(queue: JobView['queue'], job: Job, state: string): JobView | null {
  return viewJob({
    id: job.id ?? '',
    queue,
    data: job.data,
    state: stateOf(job, state),
    progress: job.progress,
    returned: job.returnvalue,
    failedReason: job.failedReason ?? null,
    attemptsMade: job.attemptsMade,
    timestamp: job.timestamp,
    processedOn: job.processedOn ?? null,
    finishedOn: state === 'completed' || state === 'failed' ? (job.finishedOn ?? null) : null,
  });
}

function stateOf(job: Job, state: string): JobView['state'] {
  switch (state) {
    case 'active':
      return 'running';
    case 'completed':
      return 'done';
    case 'failed':
      return 'failed';
    case 'delayed':
      return job.attemptsMade > 0 ? 'retrying' : 'waiting';
    default:
      return 'waiting';
  }
}
