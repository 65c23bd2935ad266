import { setTimeout as sleep } from 'node:timers/promises';
import type { CancelResult } from '@bough/core/control/operation.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { Decision } from '@bough/core/state/deployment.ts';
import { waitFor } from '@bough/host/progress/wait-for.ts';
import type { Running } from '../running-build.ts';
import type { CancelHost, CancelRun } from './cancel-build.ts';
import { commitMeant, hasMovedOn } from './commit-meant.ts';
import { endWaiting, letNoneJoin } from './end-waiting.ts';
import { findRunning, findWaiting } from './find-builds.ts';
import { endFollower } from './follower.ts';
import { holdCommit } from './hold-commit.ts';

/** What is to be stopped, for whom. */
export interface ToStop {
  readonly id: DeploymentId;
  readonly branch: string;
  readonly decision: Decision;
  readonly run: CancelRun;
}

/** A build that was stopped has its children killed 10 s later at the latest; see `runCommand`. */
const endsWithinMs = 20_000;
/** BullMQ may be a moment later than the build. */
const outcomeWithinMs = 2_000;

/**
 * Stops whatever builds a branch, or is to, and holds its commit first. Gives what it came to. What was pushed since is no
 * part of it: not while it goes on, and not when it is done again after a crash.
 */
export async function stopBuilds(
  host: CancelHost,
  { id, branch, decision, run }: ToStop,
): Promise<Pick<CancelResult, 'jobs' | 'held'>> {
  const of = { project: id.project, branch };
  // Without Redis nothing is stopped: what waits could not be told to.
  await host.gate('the cancel', () => host.redis.ping());
  if (run.commit !== undefined && (await hasMovedOn(host, of, run.commit))) return { jobs: [], held: run.commit };
  const jobs: CancelResult['jobs'] = [];
  const recorded = Promise.withResolvers<void>();
  let stopped: Stopped = { running: null, ended: Promise.resolve() };
  let held: string | null = null;

  /** From here on a build that runs records nothing, and it does not end before the commit is held. */
  async function stopRunning(): Promise<Stopped> {
    const running = await findRunning(host, of);
    const { by, why } = decision;
    if (running === null) return stopped;
    const ended = host.running.cancelOf(id, { kind: 'cancelled', by, why, held: recorded.promise });
    return ended === null ? stopped : { running, ended };
  }

  try {
    stopped = await stopRunning();
    const { running } = stopped;
    const waiting = await findWaiting(host, of);
    for (const job of waiting) await host.gate('the cancel', () => letNoneJoin(job));
    const follower = running === null ? null : await host.gate('the cancel', () => endFollower(host, of, decision));
    const commit = run.commit ?? (await commitMeant(host, of, { running, waiting, follower }));
    if (commit !== null) {
      await host.gate('the commit', async () => await run.remember?.(commit));
      if (await holdCommit(host, { id, branch, decision, running }, commit)) held = commit;
    }
    if (follower !== null) jobs.push({ job: follower.job, was: 'waiting' });
    for (const job of waiting) {
      if (await host.gate('the cancel', () => endWaiting(job, decision)))
        jobs.push({ job: job.id ?? '', was: 'waiting' });
      else if ((await findRunning(host, of))?.jobId === job.id) stopped = await stopRunning();
    }
  } finally {
    recorded.resolve();
  }
  const { running, ended } = stopped;
  const isStopped = await waitFor(
    host.actions,
    `the build of ${deploymentKey(id)} to end`,
    endsWithinMs + outcomeWithinMs,
    async () => {
      await Promise.race([ended, sleep(endsWithinMs, undefined, { ref: false })]);
      return running !== null && (await isCancelled(host, running));
    },
  );
  if (running !== null && isStopped) jobs.push({ job: running.jobId, was: 'running' });
  return { jobs, held };
}

/** The build that was told to stop, and what tells its end. */
interface Stopped {
  readonly running: Running | null;
  readonly ended: Promise<void>;
}

/** How the job ended, as far as it can be told. */
async function isCancelled({ queues, gate }: CancelHost, { jobId }: Running): Promise<boolean> {
  const deadline = performance.now() + outcomeWithinMs;
  for (;;) {
    const job = await gate('how it ended', () => queues.build.getJob(jobId)).catch(() => undefined);
    if (job?.finishedOn !== undefined || performance.now() > deadline) return job?.returnvalue?.outcome === 'cancelled';
    await sleep(20);
  }
}
