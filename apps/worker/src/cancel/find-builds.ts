import { setTimeout as sleep } from 'node:timers/promises';
import { cancelMarkOf } from '@bough/core/queue/cancel-mark.ts';
import { type BuildJob, BuildJob as BuildJobSchema } from '@bough/core/queue/jobs.ts';
import { slugOf } from '@bough/host/slug.ts';
import type { Job, JobType } from 'bullmq';
import type { Running } from '../running-build.ts';
import type { CancelHost } from './cancel-build.ts';

/** A job is active for a moment before it is in our hands, and after. */
const changesHandsMs = 2_000;

/** Whose builds: a branch by its name, as two may have one slug. */
export type BranchOf = Pick<BuildJob, 'project' | 'branch'>;

const pending: JobType[] = ['waiting', 'prioritized', 'delayed', 'active'];

/** The build of a branch that runs now, also while it is being stopped; `null`: none does. */
export async function findRunning(host: CancelHost, of: BranchOf): Promise<Running | null> {
  const deadline = performance.now() + changesHandsMs;
  for (;;) {
    const running = host.running.untilItsEnd();
    if (running?.project === of.project && running.branch === of.branch) return running;
    const active = await host.gate('what is being built', () => jobsOf(host, of, ['active']));
    if (active.length === 0 || performance.now() > deadline) return null;
    await sleep(20);
  }
}

/** The builds of a branch that wait and are not cancelled yet. */
export async function findWaiting(host: CancelHost, of: BranchOf): Promise<Job<BuildJob>[]> {
  return await host.gate('what waits to be built', () => jobsOf(host, of, ['waiting', 'prioritized', 'delayed']));
}

/** The builds of a branch that wait or run and are not cancelled yet. */
export async function findPending(host: CancelHost, of: BranchOf): Promise<Job<BuildJob>[]> {
  return await host.gate('what is to be built', () => jobsOf(host, of, pending));
}

/** The branch with that name or that slug of which a build waits or runs; a name wins. `null`: there is none. */
export async function findNamed(host: CancelHost, project: string, name: string): Promise<string | null> {
  const branches = (await host.gate('what is to be built', () => buildsOf(host, project, pending))).map(
    ({ data }) => data.branch,
  );
  return branches.find((branch) => branch === name) ?? branches.find((branch) => slugOf(branch) === name) ?? null;
}

async function jobsOf(host: CancelHost, { project, branch }: BranchOf, types: JobType[]): Promise<Job<BuildJob>[]> {
  return (await buildsOf(host, project, types)).filter(
    ({ data, attemptsMade }) => data.branch === branch && cancelMarkOf(data, attemptsMade) === null,
  );
}

async function buildsOf({ queues }: CancelHost, project: string, types: JobType[]): Promise<Job<BuildJob>[]> {
  const jobs = await queues.build.getJobs(types);
  return jobs.filter((job): job is Job<BuildJob> => BuildJobSchema.safeParse(job?.data).data?.project === project);
}
