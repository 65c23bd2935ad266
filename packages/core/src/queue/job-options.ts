import { deploymentKey, type DeploymentId } from '../deployment-id.ts';
import type { BuildJob } from './jobs.ts';

const day = 86_400;

/** Kept by count and age, so that history is bounded and a kept job never blocks a new one. */
const kept = {
  removeOnComplete: { age: 7 * day, count: 500 },
  removeOnFail: { age: 30 * day, count: 1000 },
  keepLogs: 400, // a row is a batch of lines; the whole log is a file
  stackTraceLimit: 5,
  sizeLimit: 16_384,
};

/** Only classes that can pass by themselves are retried (see `errorTable`): four attempts, 15 s, 30 s and 60 s apart. */
const attempts = { attempts: 4, backoff: { type: 'exponential', delay: 15_000 } };

/** The longest a job is put off by an attempt that failed, in ms. No job waits longer but for those of a schedule. */
export const longestBackoffMs = 2 ** (attempts.attempts - 2) * attempts.backoff.delay;

/**
 * BullMQ options of a build job: at most one running and one waiting per branch, by its name, as two may have one slug.
 * `keepLastIfActive` stores a job that meets a running one until that ends. Production branches go first (no priority comes
 * before any priority).
 */
export function buildJobOptions({ project, branch }: Pick<BuildJob, 'project' | 'branch'>, production: boolean) {
  return {
    ...kept,
    ...attempts,
    deduplication: { id: `build.${project}.${branch}`, keepLastIfActive: true },
    ...(production ? {} : { priority: 10 }),
  };
}

/**
 * BullMQ options of a reconcile job: coalesced per deployment like a build. Those that are not urgent come after all others: a sweep
 * may find something to do in each of hundreds of deployments, and a push is not to wait for them.
 */
export function reconcileJobOptions(id: DeploymentId, urgent: boolean) {
  const deduplication = { id: `reconcile.${deploymentKey(id)}`, keepLastIfActive: true };
  return { ...kept, ...attempts, deduplication, ...(urgent ? {} : { priority: 10 }) };
}

/**
 * BullMQ options of a sweep of one project (or, with `null`, of all): at most one running and one waiting of each. The
 * next sweep is the retry.
 */
export function sweepJobOptions(project: string | null) {
  return { ...kept, attempts: 1, deduplication: { id: `sweep.${project ?? '*'}`, keepLastIfActive: true } };
}

/** BullMQ options of what a person asks for: once, and never joined with what another asks. */
export function operateJobOptions() {
  return { ...kept, attempts: 1 };
}

/** BullMQ options of a build that was cancelled while it waited: it goes first, and no push joins it. */
export function cancelledJobOptions() {
  return { ...kept, attempts: 1, lifo: true };
}

/** BullMQ options of a collection: after all builds that wait, unless a person asked, and one at the most. */
export function gcJobOptions(urgent: boolean) {
  return { ...kept, ...attempts, deduplication: { id: 'gc' }, ...(urgent ? {} : { priority: 20 }) };
}
