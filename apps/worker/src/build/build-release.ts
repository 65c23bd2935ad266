import type { Project } from '@bough/core/config/project.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { BuildOutcome } from '@bough/core/queue/jobs.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { BuildHost, DeploymentRun } from './build-host.ts';
import { hasManifest } from './has-manifest.ts';
import { heldBack } from './held-back.ts';
import { makeRelease } from './make-release.ts';
import { recordHead } from './record-head.ts';
import { stillExpired } from './still-expired.ts';

interface ReleaseWork extends DeploymentRun {
  readonly project: Project;
  readonly commit: string;
}

/** Builds a commit, whose sources are pinned first, or says why its output is what is desired already. */
export async function buildRelease(host: BuildHost, { project, commit, ...on }: ReleaseWork): Promise<BuildOutcome> {
  const { id, job, run } = on;
  const began = performance.now();
  await host.mirror.pin(job.project, commit);
  const attribute = project.attribute ?? `packages.${host.system}.default`;
  const anew = run.attemptIsRetry;
  const { drvPath, outPath, output } = await host.evaluate({ id, project: job.project, commit, attribute, anew }, run);

  const same = await sameOutput(host, id, outPath);
  if (same !== null) {
    const at = host.now().toISOString();
    await recordHead(host, on, { outcome: 'unchanged', commit, release: same.seq, at });
    await host.enqueueReconcile(id);
    return {
      outcome: 'unchanged',
      commit,
      release: same.seq,
      reason: `unchanged since release ${same.seq}: its output is the same`,
    };
  }

  const evaluated = { commit, drvPath, outPath };
  const { seq, before } = await makeRelease(host, on, { ...evaluated, output, anew, project, began });
  const held = heldBack(before, stillExpired(before, on.expired));
  if (held !== null) run.log(`release ${seq} is recorded and not started: ${held}`);
  await host.enqueueReconcile(id);
  return { outcome: 'built', commit, release: seq, outPath, ...(held === null ? {} : { held }) };
}

/** The desired release when it has this very output and was not found unfit: then nothing has to start anew. */
async function sameOutput(host: BuildHost, id: DeploymentId, outPath: string): Promise<Release | null> {
  const deployment = await host.store.read(id);
  if (deployment?.present !== true) return null;
  const desired = (await host.store.readReleases(id)).find(({ seq }) => seq === deployment.desired);
  if (desired?.outPath !== outPath || desired.verdict.state === 'failed') return null;
  return (await hasManifest(host, desired)) ? desired : null;
}
