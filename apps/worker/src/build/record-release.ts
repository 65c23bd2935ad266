import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import { changeDeployment } from '@bough/host/state/project-store.ts';
import type { BuildHost, DeploymentRun } from './build-host.ts';
import { isPinned } from './held-back.ts';
import { stillExpired } from './still-expired.ts';

/** What was built, and when the work on it began, on the clock of `performance.now()`. */
export interface Built extends Pick<Release, 'seq' | 'commit' | 'drvPath' | 'outPath' | 'manifest'> {
  readonly began: number;
}

/**
 * Puts a release on record, and then the deployment that names it. Gives the deployment as it was before. Call it under the
 * deployment's lock, with the release's GC root in its place.
 */
export async function recordRelease(
  host: BuildHost,
  on: DeploymentRun,
  { began, ...built }: Built,
): Promise<Deployment> {
  const { id, job } = on;
  const { seq, commit, manifest } = built;
  const builtAt = host.now().toISOString();
  await host.withPorts(
    manifest,
    async (ports) =>
      await host.store.writeRelease({
        schema: 1,
        ...id,
        branch: job.branch,
        ...built,
        ports,
        asked: job.asked,
        builtAt,
        buildMs: Math.round(performance.now() - began),
        prepared: false,
        switchedAt: null,
        verdict: { state: 'pending' },
      }),
  );
  return await changeDeployment(host, id, job.branch, (deployment) => ({
    ...deployment,
    present: true,
    desired: isPinned(deployment) ? deployment.desired : seq,
    lastSeq: seq,
    expired: stillExpired(deployment, on.expired),
    asleep: isPinned(deployment) ? deployment.asleep : null,
    head: { outcome: 'released', commit, release: seq, at: builtAt },
  }));
}
