import { describeHold } from '@bough/core/operate/describe-hold.ts';
import { AppError } from '@bough/core/app-error.ts';
import { whyExcluded } from '@bough/core/branch-patterns.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { askOf } from '@bough/core/queue/ask.ts';
import type { BuildJob, BuildOutcome } from '@bough/core/queue/jobs.ts';
import { newDeployment } from '@bough/core/state/deployment.ts';
import { keptMessage } from '@bough/core/state/kept-message.ts';
import { whySlugTaken } from '@bough/core/state/slug-taken.ts';
import { noteRivals } from '@bough/host/state/note-rivals.ts';
import type { BuildRun } from '../consume-builds.ts';
import type { BuildHost } from './build-host.ts';
import { buildRelease } from './build-release.ts';
import { recordHead } from './record-head.ts';
import { stillStands } from './still-stands.ts';
import { whySkipped } from './why-skipped.ts';

/**
 * Builds the head of a branch as it is now and records it as a release, or says why there is nothing to build. The job
 * carries no commit that counts, so no retry and no late delivery can take a branch back.
 * @throws AppError PROJECT_UNKNOWN, SLUG_TAKEN, SOURCE_*, EVAL_*, BUILD_*, APP_MANIFEST, APP_NO_PROGRAM, PORTS_EXHAUSTED and the
 * passing troubles of Nix; the reason of `signal` when that aborts
 */
export function createBuildBranch(host: BuildHost) {
  return async (job: BuildJob, run: BuildRun): Promise<BuildOutcome> => {
    const { mirror, store } = host;
    const project = host.config.projects[job.project];
    if (project === undefined)
      throw new AppError('PROJECT_UNKNOWN', `no project ${job.project} is configured; add it or drop the job`);
    const id: DeploymentId = { project: job.project, slug: host.slugOf(job.branch) };

    const expired = (await store.read(id))?.expired ?? null;
    const on = { id, job, run, expired };
    run.progress({ phase: 'fetch' });
    // Read before what it is about is fetched: what is pushed from here on has a job to follow this one.
    await host.rememberAsk(job);
    const asks = [askOf(job) ?? [], await host.readAsks(job)].flat();
    await mirror.fetch(job.project, project.remote, run.signal, run.log);
    const head = await mirror.head(job.project, job.branch);
    if (head === null) {
      // The sweep decides what becomes of what stands: it knows an emptied remote from a deleted branch.
      await host.enqueueSweep(job.project);
      return { outcome: 'gone', reason: `the forge has no branch ${job.branch}` };
    }
    const { commit, message } = head;
    run.onCommit(commit);
    run.log(`the head of ${job.branch} is ${commit}`);
    // Nothing is recorded: what may stand of it is taken down by the sweep.
    const excluded = whyExcluded(project, job.branch);
    if (excluded !== null) return { outcome: 'skipped', commit, reason: excluded };

    const recorded = (await store.read(id)) ?? newDeployment(id, job.branch);
    if (recorded.branch !== job.branch) {
      await noteRivals(store, id, (rivals) => [...new Set([...rivals, job.branch])]);
      return { outcome: 'skipped', commit, reason: whySlugTaken(recorded) };
    }
    const releases = await store.readReleases(id);
    const standing = await stillStands(host, id, recorded, releases, commit, run);
    if (standing !== null) return standing;
    const held = run.attemptIsRetry || job.asked.by === 'person' ? null : describeHold(recorded.head, commit);
    if (held !== null) return { outcome: 'skipped', commit, reason: held };
    const reason = await whySkipped(host, { id, job, commit, message, recorded, releases, asks, run });
    if (reason !== null) {
      await recordHead(host, on, { outcome: 'skipped', commit, reason, at: host.now().toISOString() });
      await host.forgetAsks(job, asks);
      return { outcome: 'skipped', commit, reason };
    }

    try {
      return await buildRelease(host, { ...on, project, commit });
    } catch (error) {
      // What cannot pass by itself is not tried again by a sweep; a person's retry and a new head are.
      if (error instanceof AppError && (await isSettled(host, error, run)) && !run.signal.aborted) {
        const { code } = error;
        const at = host.now().toISOString();
        await recordHead(host, on, { outcome: 'failed', commit, code, message: keptMessage(error.message), at });
        await host.enqueueReconcile(id); // visitors of a branch that has nothing else are told
      }
      throw error;
    }
  };
}

/**
 * What is killed each time, a builder or an evaluation, is killed by what it does, and a builder that says each time that the disk is
 * full, where there is room, says so itself: a sweep that asked for it again would take the one slot for ever.
 */
async function isSettled(host: BuildHost, { action, code }: AppError, { isLastAttempt }: BuildRun): Promise<boolean> {
  if (action === 'reject') return true;
  return (
    isLastAttempt && (/^(BUILD_SIGNAL|EVAL_MEMORY)$/.test(code) || (code === 'DISK_FULL' && (await host.hasRoom())))
  );
}
