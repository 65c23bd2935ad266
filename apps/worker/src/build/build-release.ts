import type { Project } from '@bough/core/config/project.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { BuildOutcome } from '@bough/core/queue/jobs.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import { changeDeployment } from '@bough/host/state/project-store.ts';
import type { BuildHost, DeploymentRun } from './build-host.ts';
import { hasManifest } from './has-manifest.ts';
import { heldBack, isPinned } from './held-back.ts';
import { recordHead } from './record-head.ts';

interface ReleaseWork extends DeploymentRun {
  readonly project: Project;
  readonly commit: string;
}

/** Order: pin and GC root before the release's record, and that before the deployment names it. */
export async function buildRelease(
  host: BuildHost,
  { id, job, project, commit, run }: ReleaseWork,
): Promise<BuildOutcome> {
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
      await host.withPorts(
        manifest,
        async (ports) =>
          await store.writeRelease({
            schema: 1,
            ...id,
            branch: job.branch,
            seq,
            commit,
            drvPath,
            outPath,
            manifest,
            ports,
            asked: job.asked,
            builtAt,
            buildMs: Math.round(performance.now() - began),
            prepared: false,
            switchedAt: null,
            verdict: { state: 'pending' },
          }),
      );
      before = await changeDeployment(host, id, job.branch, (deployment) => ({
        ...deployment,
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
    if (!(await isNamed(host, id, seq))) await store.removeRelease(id, seq); // what there is of it
    throw error;
  } finally {
    letGo();
  }
  const held = heldBack(before);
  if (held !== null) run.log(`release ${seq} is recorded and not started: ${held}`);
  await host.enqueueReconcile(id);
  return { outcome: 'built', commit, release: seq, outPath, ...(held === null ? {} : { held }) };
}

/** Whether the deployment's record names a release. Writing it may have failed after its rename: what it names must stay. */
async function isNamed({ store }: BuildHost, id: DeploymentId, seq: number): Promise<boolean> {
  const deployment = await store.read(id).catch(() => undefined);
  if (deployment === undefined) return true; // it cannot be told; a record nothing names does no harm
  const { desired = null, head = null } = deployment ?? {};
  return desired === seq || (head !== null && 'release' in head && head.release === seq);
}

/** The desired release when it has this very output and was not found unfit: then nothing has to start anew. */
async function sameOutput(host: BuildHost, id: DeploymentId, outPath: string): Promise<Release | null> {
  const deployment = await host.store.read(id);
  if (deployment?.present !== true) return null;
  const desired = (await host.store.readReleases(id)).find(({ seq }) => seq === deployment.desired);
  if (desired?.outPath !== outPath || desired.verdict.state === 'failed') return null;
  return (await hasManifest(host, desired)) ? desired : null;
}
