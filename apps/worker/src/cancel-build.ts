import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import type { Cancel, CancelResult } from '@bough/core/control/operation.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { buildJobOptions, cancelledJobOptions } from '@bough/core/queue/job-options.ts';
import { type BuildJob, BuildJob as BuildJobSchema } from '@bough/core/queue/jobs.ts';
import type { Decision, Deployment } from '@bough/core/state/deployment.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import { note } from '@bough/host/operate/note.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import { slugOf } from '@bough/host/slug.ts';
import { changeDeployment, type ProjectHost } from '@bough/host/state/project-store.ts';
import type { Job, JobType } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { RunningBuild } from './running-build.ts';

/** What cancelling needs of the worker. */
export interface CancelHost extends ProjectHost {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly running: RunningBuild;
  /** The branch's head at the forge now, `null` where there is no such branch. It has a deadline of its own. */
  readonly headOf: (project: string, branch: string) => Promise<string | null>;
  /** Makes a reconcile that runs now leave off. */
  readonly interrupt: (id: DeploymentId) => void;
  readonly enqueueReconcile: (id: DeploymentId) => Promise<unknown>;
  readonly now: () => Date;
  readonly log: Logger;
}

/** What a cancel found and stopped. */
interface Stopped {
  readonly jobs: CancelResult['jobs'];
  readonly branch: string;
  /** The commit that was being built, and the one the newest request saw. */
  readonly commit: string | null;
  readonly seen: string | null;
  /** Another build was asked for as well, of whatever the head is. */
  readonly isMore: boolean;
}

/** A build that was stopped has its children killed 10 s later at the latest; see `runCommand`. */
const endsWithinMs = 20_000;
/** A job is active for a moment before it is in our hands. */
const beginsWithinMs = 2_000;

/**
 * Ends what is built of a branch or waits to be, on behalf of a person. The jobs end as *cancelled*; the commit is held: no
 * sweep and no delivery of the same commit builds it, until another one comes or a person asks. May be run again after a crash.
 * The function made throws AppError QUEUE_UNAVAILABLE, and OPERATION_REFUSED where there is nothing to cancel.
 */
export function createCancelBuild(host: CancelHost) {
  return async (ask: Cancel): Promise<CancelResult> => {
    const began = performance.now();
    const { project, by, why } = ask;
    if (host.redis.status !== 'ready')
      throw new AppError('QUEUE_UNAVAILABLE', 'Redis is not connected, so what waits to be built cannot be seen');
    const id = await deploymentMeant(host, ask);
    const decision = { by, at: host.now().toISOString(), why };
    const stopped = await stopAll(host, id, ask.branch, decision);
    if (stopped.jobs.length === 0 && !stopped.isMore)
      throw new AppError('OPERATION_REFUSED', `nothing of ${project} ${ask.branch} is being built or waits to be`);
    const held = await hold(host, id, stopped, decision);
    const { branch, jobs } = stopped;
    host.log.info({ project, deployment: id.slug, branch, jobs, held, by, why }, 'a person cancelled a build');
    return { kind: 'cancel', ...id, branch, jobs, held, ms: Math.round(performance.now() - began) };
  };
}

/** By its name or its slug; one that was never built is not on record. */
async function deploymentMeant({ store }: CancelHost, { project, branch }: Cancel): Promise<DeploymentId> {
  try {
    return await findDeployment(store, project, branch);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'DEPLOYMENT_UNKNOWN') throw error;
    return { project, slug: slugOf(branch) };
  }
}

async function stopAll(host: CancelHost, id: DeploymentId, asked: string, decision: Decision): Promise<Stopped> {
  const jobs: CancelResult['jobs'] = [];
  let { branch, seen, isMore }: Pick<Stopped, 'branch' | 'seen' | 'isMore'> = {
    branch: asked,
    seen: null,
    isMore: await forgetFollower(host, id), // before the one it follows ends
  };
  for (const job of await jobsOf(host, id, ['waiting', 'prioritized', 'delayed'])) {
    if (job.data.cancelled !== undefined || !(await endWaiting(host, job, decision))) continue;
    jobs.push({ job: job.id ?? '', was: 'waiting' });
    branch = job.data.branch;
    seen = job.data.seen ?? seen;
    isMore = true;
  }
  const deadline = performance.now() + beginsWithinMs;
  while (host.running.untilItsEnd()?.slug !== id.slug && performance.now() < deadline) {
    const [active] = await jobsOf(host, id, ['active']);
    if (active === undefined || active.data.cancelled !== undefined) break;
    await sleep(20);
  }
  const running = host.running.untilItsEnd();
  if (running === null || running.project !== id.project || running.slug !== id.slug)
    return { jobs, branch, commit: null, seen, isMore };
  host.running.cancelOf(id, { kind: 'cancelled', by: decision.by, why: decision.why });
  await Promise.race([host.running.ended(), sleep(endsWithinMs, undefined, { ref: false })]);
  if ((await outcomeOf(host, running.jobId)) === 'cancelled') jobs.push({ job: running.jobId, was: 'running' });
  return { jobs, branch: running.branch, commit: host.running.lastCommit(), seen, isMore };
}

async function jobsOf({ queues }: CancelHost, id: DeploymentId, types: JobType[]): Promise<Job<BuildJob>[]> {
  const jobs = await queues.build.getJobs(types);
  return jobs.filter((job): job is Job<BuildJob> => {
    const data = BuildJobSchema.safeParse(job?.data).data;
    return data?.project === id.project && slugOf(data.branch) === id.slug;
  });
}

/** The run that would follow a running one, which a person who cancels does not want either. Whether there was one. */
async function forgetFollower({ queues, redis }: CancelHost, id: DeploymentId): Promise<boolean> {
  // `keepLastIfActive` of BullMQ 6.7 keeps it there (storeDeduplicatedNextJob.lua), and has no call to give it up.
  return (await redis.del(queues.build.toKey(`dn:${buildJobOptions(id, false).deduplication.id}`))) > 0;
}

/**
 * Puts a waiting job first in its queue, under its own id and marked: BullMQ ends no job that does not run, and one that is
 * just gone would leave its delivery without an outcome. `false`: it has just begun to run.
 */
async function endWaiting({ queues }: CancelHost, job: Job<BuildJob>, cancelled: Decision): Promise<boolean> {
  try {
    await job.remove();
  } catch (error) {
    if (await job.isActive()) return false;
    throw error;
  }
  const options = { ...cancelledJobOptions(), ...(job.id === undefined ? {} : { jobId: job.id }) };
  await queues.build.add('build', { ...job.data, cancelled }, options);
  return true;
}

/** How the job ended; BullMQ may be a moment later than the build. */
async function outcomeOf({ queues }: CancelHost, jobId: string): Promise<string | null> {
  const deadline = performance.now() + beginsWithinMs;
  for (;;) {
    const job = await queues.build.getJob(jobId);
    if (job?.finishedOn !== undefined || performance.now() > deadline) return job?.returnvalue?.outcome ?? null;
    await sleep(20);
  }
}

/** Records that the commit is not to be built. Gives it; `null` where there is none or it cannot be told. */
async function hold(host: CancelHost, id: DeploymentId, stopped: Stopped, decision: Decision): Promise<string | null> {
  const { branch, seen, isMore } = stopped;
  const commit =
    stopped.commit !== null && !isMore
      ? stopped.commit
      : await host.headOf(id.project, branch).catch((err: unknown) => {
          host.log.warn({ err, project: id.project, branch }, 'the head of a cancelled branch cannot be told');
          return stopped.commit ?? seen;
        });
  if (commit === null) return null;
  const wasRunning = stopped.jobs.some(({ was }) => was === 'running');
  if (host.store.isLocked(id)) host.interrupt(id); // it may verify for a minute; it begins anew behind us
  await host.store.withLock(id, async () => {
    await changeDeployment(host, id, branch, (deployment) =>
      wasBuilt(deployment, commit) && !wasRunning
        ? deployment // what was asked for again stands already
        : { ...deployment, head: { outcome: 'cancelled', commit, ...decision } },
    );
    await note(host.layout, id, { ...decision, kind: 'cancel', commit, jobs: stopped.jobs });
  });
  await host.enqueueReconcile(id);
  return commit;
}

function wasBuilt({ head }: Deployment, commit: string): boolean {
  return head !== null && 'release' in head && head.commit === commit;
}
