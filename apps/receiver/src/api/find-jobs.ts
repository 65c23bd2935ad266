import type { JobView } from '@bough/core/api/answers.ts';
import { viewJob } from '@bough/core/api/job-view.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { Job, Queue } from 'bullmq';

const queueNames = ['build', 'operate', 'sweep', 'reconcile'] as const;
/** Coalesced per branch, there are as many jobs as branches at the most. */
const mostShown = 1_000;

/** The job of an id, in whichever queue it is; `null` where there is none, or none of a project. */
export async function findJob(queues: Queues, id: string): Promise<JobView | null> {
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

/** What runs or waits of a project: builds and what people asked for. */
export async function unfinishedJobs(queues: Queues, project: string): Promise<JobView[]> {
  const views: (JobView | null)[] = [];
  for (const queue of ['build', 'operate'] as const) {
    for (const state of ['active', 'waiting', 'prioritized', 'delayed'] as const) {
      const jobs: (Job | undefined)[] = await (queues[queue] satisfies Queue).getJobs([state], 0, mostShown - 1);
      for (const job of jobs) if (job !== undefined) views.push(viewOf(queue, job, state)); // it may end meanwhile
    }
  }
  return views.filter((view): view is JobView => view?.project === project);
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
