import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { BuildOutcome } from '@bough/core/queue/jobs.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import { givenAnotherChance } from '@bough/core/state/given-another-chance.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { BuildRun } from '../consume-builds.ts';
import type { BuildHost } from './build-host.ts';
import { hasManifest } from './has-manifest.ts';

/** The outcome when this very commit stands already; `null` when it is to be built. */
export async function stillStands(
  host: BuildHost,
  id: DeploymentId,
  deployment: Deployment,
  releases: readonly Release[],
  commit: string,
  run: BuildRun,
): Promise<BuildOutcome | null> {
  const { head, present } = deployment;
  if (!present || head?.commit !== commit || !('release' in head)) return null;
  const found = releases.find(({ seq }) => seq === head.release);
  if (found === undefined || !(await hasManifest(host, found))) return null;
  const isRetryOfFailed = found.verdict.state === 'failed' && run.attemptIsRetry;
  if (isRetryOfFailed) {
    await verifyAgain(host, id, found);
  }
  if (deployment.expired !== null && run.attemptIsRetry) await bringBack(host, id, run);
  await host.enqueueReconcile(id);
  return { outcome: 'unchanged', commit, release: found.seq, reason: whyStanding(found, isRetryOfFailed) };
}

/** A person asks for a branch that had expired: its time to live counts from here. */
async function bringBack({ store, now }: BuildHost, id: DeploymentId, run: BuildRun): Promise<void> {
  await store.withLock(id, async () => {
    const deployment = await store.read(id);
    if (deployment === null || deployment.expired === null) return;
    const resumed = { by: run.asker ?? 'a person', at: now().toISOString(), why: 'its head was asked for' };
    await store.write({ ...deployment, expired: null, resumed });
  });
  run.log('it had expired: a person brings back what served before');
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
