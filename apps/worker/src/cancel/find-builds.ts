import { setTimeout as sleep } from 'node:timers/promises';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import { cancelMarkOf } from '@bough/core/queue/cancel-mark.ts';
import { type BuildJob, BuildJob as BuildJobSchema } from '@bough/core/queue/jobs.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { Job, JobType } from 'bullmq';
import type { Running } from '../running-build.ts';
import type { CancelHost } from './cancel-build.ts';

/** A job is active for a moment before it is in our hands, and after. */
const changesHandsMs = 2_000;

/** The build of a deployment that runs now, also while it is being stopped; `null`: none does. */
export async function findRunning(host: CancelHost, id: DeploymentId): Promise<Running | null> {
  const deadline = performance.now() + changesHandsMs;
  for (;;) {
    const running = host.running.untilItsEnd();
    if (running !== null && deploymentKey(running) === deploymentKey(id)) return running;
    const active = await host.gate('what is being built', () => jobsOf(host, id, ['active']));
    if (active.length === 0 || performance.now() > deadline) return null;
    await sleep(20);
  }
}

/** The builds of a deployment that wait and are not cancelled yet. */
export async function findWaiting(host: CancelHost, id: DeploymentId): Promise<Job<BuildJob>[]> {
  return await host.gate('what waits to be built', () => jobsOf(host, id, ['waiting', 'prioritized', 'delayed']));
}

/** The builds of a deployment that wait or run and are not cancelled yet. */
export async function findPending(host: CancelHost, id: DeploymentId): Promise<Job<BuildJob>[]> {
  const types: JobType[] = ['waiting', 'prioritized', 'delayed', 'active'];
  return await host.gate('what is to be built', () => jobsOf(host, id, types));
}

async function jobsOf({ queues }: CancelHost, id: DeploymentId, types: JobType[]): Promise<Job<BuildJob>[]> {
  const jobs = await queues.build.getJobs(types);
  return jobs.filter((job): job is Job<BuildJob> => {
    const data = BuildJobSchema.safeParse(job?.data).data;
    return (
      data?.project === id.project &&
      slugOf(data.branch) === id.slug &&
      cancelMarkOf(data, job?.attemptsMade ?? 0) === null
    );
  });
}
