import { AppError } from '@bough/core/app-error.ts';
import { whyExcluded } from '@bough/core/branch-patterns.ts';
import type { Config, Project } from '@bough/core/config/config.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { BuildJob, BuildOutcome } from '@bough/core/queue/jobs.ts';
import { type Decision, type Deployment, type HeadRecord, newDeployment } from '@bough/core/state/deployment.ts';
import { givenAnotherChance } from '@bough/core/state/given-another-chance.ts';
import type { Manifest } from '@bough/core/state/manifest.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { Mirror } from '@bough/host/git/mirror.ts';
import type { Evaluate, Realise } from '@bough/host/nix/nix.ts';
import type { ClaimSeq } from '@bough/host/release/claim-seq.ts';
import { portsFor } from '@bough/host/release/ports-for.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import { changeDeployment } from '@bough/host/state/project-store.ts';
import type { UnitFiles } from '@bough/host/systemd/unit-files.ts';
import type { BuildRun } from '../consume-builds.ts';
import { hasManifest } from './has-manifest.ts';
import { whySkipped } from './why-skipped.ts';

/** What building needs of the host. */
export interface BuildHost {
  readonly config: Config;
  readonly layout: Layout;
  readonly mirror: Mirror;
  readonly evaluate: Evaluate;
  readonly realise: Realise;
  readonly readManifest: (outPath: string, project: Project) => Promise<Manifest>;
  readonly store: DeploymentStore;
  readonly unitFiles: UnitFiles;
  readonly claimSeq: ClaimSeq;
  readonly slugOf: (branch: string) => string;
  readonly enqueueReconcile: (id: DeploymentId) => Promise<unknown>;
  readonly enqueueSweep: (project: string) => Promise<unknown>;
  /** Nix's name of this platform, such as `x86_64-linux`. */
  readonly system: string;
  readonly now: () => Date;
}

/**
 * Builds the head of a branch as it is now and records it as a release, or says why there is nothing to build. The job
 * carries no commit that counts, so no retry and no late delivery can take a branch back.
 * @throws AppError PROJECT_UNKNOWN, SOURCE_*, EVAL_*, BUILD_*, APP_MANIFEST, APP_NO_PROGRAM, PORTS_EXHAUSTED and the
 * passing troubles of Nix; the reason of `signal` when that aborts
 */
export function createBuildBranch(host: BuildHost) {
  return async (job: BuildJob, run: BuildRun): Promise<BuildOutcome> => {
    const { mirror, store } = host;
    const project = host.config.projects[job.project];
    if (project === undefined)
      throw new AppError('PROJECT_UNKNOWN', `no project ${job.project} is configured; add it or drop the job`);
    const id: DeploymentId = { project: job.project, slug: host.slugOf(job.branch) };

    run.progress({ phase: 'fetch' });
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
    const releases = await store.readReleases(id);
    const standing = await stillStands(host, id, recorded, releases, commit, run);
    if (standing !== null) return standing;
    const reason = await whySkipped(host, { id, job, commit, message, recorded, releases, run });
    if (reason !== null) {
      await recordHead(host, { id, job, run }, { outcome: 'skipped', commit, reason, at: host.now().toISOString() });
      return { outcome: 'skipped', commit, reason };
    }

    try {
      return await buildRelease(host, { id, job, project, commit, run });
    } catch (error) {
      // What cannot pass by itself is not tried again by a sweep; a person's retry and a new head are.
      if (error instanceof AppError && error.action === 'reject' && !run.signal.aborted) {
        await recordHead(
          host,
          { id, job, run },
          {
            outcome: 'failed',
            commit,
            code: error.code,
            message: error.message,
            at: host.now().toISOString(),
          },
        );
        await host.enqueueReconcile(id); // visitors of a branch that has nothing else are told
      }
      throw error;
    }
  };
}

/** The outcome when this very commit stands already; `null` when it is to be built. */
async function stillStands(
  host: BuildHost,
  id: DeploymentId,
  { head, present }: Deployment,
  releases: readonly Release[],
  commit: string,
  run: BuildRun,
): Promise<BuildOutcome | null> {
  if (!present || head?.commit !== commit || !('release' in head)) return null;
  const found = releases.find(({ seq }) => seq === head.release);
  if (found === undefined || !(await hasManifest(host, found))) return null;
  const isRetryOfFailed = found.verdict.state === 'failed' && run.attemptIsRetry;
  if (isRetryOfFailed) {
    await verifyAgain(host, id, found);
  }
  await host.enqueueReconcile(id);
  return { outcome: 'unchanged', commit, release: found.seq, reason: whyStanding(found, isRetryOfFailed) };
}

function whyStanding({ seq, verdict }: Release, isTriedAgain: boolean): string {
  if (isTriedAgain) return 'it is verified again: a person asked';
  const failure = verdict.state === 'failed' ? `, which failed (${verdict.code}); press retry to verify it again` : '';
  return `release ${seq} is of this commit${failure}`;
}

/** A release that failed is given another chance. It is desired again, unless a person has decided what is. */
async function verifyAgain({ store }: BuildHost, id: DeploymentId, release: Release): Promise<void> {
  await store.withLock(id, async () => {
    await store.writeRelease(givenAnotherChance(release));
    const deployment = await store.read(id);
    if (deployment !== null && deployment.pinned === null) await store.write({ ...deployment, desired: release.seq });
  });
}

interface ReleaseWork {
  readonly id: DeploymentId;
  readonly job: BuildJob;
  readonly project: Project;
  readonly commit: string;
  readonly run: BuildRun;
}

/** Order: pin and GC root before the release's record, and that before the deployment names it. */
async function buildRelease(host: BuildHost, { id, job, project, commit, run }: ReleaseWork): Promise<BuildOutcome> {
  const { layout, store, mirror } = host;
  const began = performance.now();
  await mirror.pin(job.project, commit);
  const attribute = project.attribute ?? `packages.${host.system}.default`;
  const anew = run.attemptIsRetry;
  const { drvPath, outPath, output } = await host.evaluate({ id, project: job.project, commit, attribute, anew }, run);

  const same = await sameOutput(host, id, outPath);
  if (same !== null) {
    await recordHead(
      host,
      { id, job, run },
      {
        outcome: 'unchanged',
        commit,
        release: same.seq,
        at: host.now().toISOString(),
      },
    );
    await host.enqueueReconcile(id);
    return {
      outcome: 'unchanged',
      commit,
      release: same.seq,
      reason: `unchanged since release ${same.seq}: its output is the same`,
    };
  }

  const { seq, letGo } = await host.claimSeq(id);
  let before: Deployment | null = null;
  try {
    await host.realise({ id, commit, drvPath, output, outPath, root: layout.releaseRoot(id, seq), anew }, run);
    const manifest = await host.readManifest(outPath, project);
    await store.withLock(id, async () => {
      run.signal.throwIfAborted(); // a branch found gone meanwhile must not come back
      const builtAt = host.now().toISOString();
      await store.writeRelease({
        schema: 1,
        ...id,
        branch: job.branch,
        seq,
        commit,
        drvPath,
        outPath,
        manifest,
        ports: await portsFor(host, manifest),
        asked: job.asked,
        builtAt,
        buildMs: Math.round(performance.now() - began),
        prepared: false,
        switchedAt: null,
        verdict: { state: 'pending' },
      });
      before = await changeDeployment(host, id, job.branch, (deployment) => ({
        ...deployment,
        branch: job.branch,
        present: true,
        desired: isPinned(deployment) ? deployment.desired : seq,
        lastSeq: Math.max(deployment.lastSeq, seq), // a rotation may have taken a later number meanwhile
        expired: null,
        asleep: isPinned(deployment) ? deployment.asleep : null,
        head: {
          outcome: 'released',
          commit,
          release: seq,
          at: builtAt,
        },
      }));
    });
  } catch (error) {
    await store.removeRelease(id, seq); // what there is of it: nothing names it yet
    throw error;
  } finally {
    letGo();
  }
  const held = heldBack(before);
  if (held !== null) run.log(`release ${seq} is recorded and not started: ${held}`);
  await host.enqueueReconcile(id);
  return { outcome: 'built', commit, release: seq, outPath, ...(held === null ? {} : { held }) };
}

function isPinned({ pinned, desired }: Deployment): boolean {
  return pinned !== null && desired !== null;
}

/** Why a new release is not started; `null` when it is. */
function heldBack(deployment: Deployment | null): string | null {
  if (deployment === null) return null;
  const { branch, desired, pinned, suspended } = deployment;
  if (pinned !== null && desired !== null) return `${branch} is pinned to release ${desired} ${decided(pinned)}`;
  return suspended === null ? null : `${branch} is suspended ${decided(suspended)}`;
}

function decided({ by, why }: Decision): string {
  return `by ${by}${why === '' ? '' : `: ${why}`}`;
}

/** The desired release when it has this very output and was not found unfit: then nothing has to start anew. */
async function sameOutput(host: BuildHost, id: DeploymentId, outPath: string): Promise<Release | null> {
  const deployment = await host.store.read(id);
  if (deployment?.present !== true) return null;
  const desired = (await host.store.readReleases(id)).find(({ seq }) => seq === deployment.desired);
  if (desired?.outPath !== outPath || desired.verdict.state === 'failed') return null;
  return (await hasManifest(host, desired)) ? desired : null;
}

async function recordHead(
  host: BuildHost,
  { id, job, run }: Pick<ReleaseWork, 'id' | 'job' | 'run'>,
  head: HeadRecord,
): Promise<void> {
  const { expired } = await host.store.withLock(id, async () => {
    run.signal.throwIfAborted(); // a branch found gone meanwhile must not come back
    return await changeDeployment(host, id, job.branch, (deployment) => ({
      ...deployment,
      branch: job.branch,
      present: true,
      head,
      expired: null,
    }));
  });
  if (expired === null) return;
  run.log('it had expired: the push brings back what served before');
  await host.enqueueReconcile(id);
}
