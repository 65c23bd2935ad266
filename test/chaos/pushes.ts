import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import type { HeadRecord } from '@bough/core/state/deployment.ts';
import { appFiles, type AppOptions, buildRuns } from '../support/app-files.ts';
import type { Installation } from '../support/installation.ts';
import { until } from '../support/until.ts';

export const passing = 'passing';
/** Has been there long enough that one more of anything changes no more than its numbers. */
export const lasting = 'lasting';
export const id = { project: 'demo', slug: lasting };
export const deadlineMs = 120_000;
let count = 0;
/** The commit pushed last, and what its app answers. */
let pushed = { commit: '', text: '' };

/** Gives what the app answers. */
export async function pushNext(
  bough: Installation,
  branch: string,
  options: Partial<AppOptions> = {},
): Promise<string> {
  count += 1;
  const text = `text ${count} of ${branch}`;
  pushed = { commit: await bough.push(branch, appFiles({ text, ...options })), text };
  return text;
}

export async function pushUntilLive(bough: Installation, branch: string): Promise<void> {
  await pushNext(bough, branch);
  await untilLive(bough, branch);
}

/** The same, until nothing is left to do. */
export async function pushUntilSettled(bough: Installation, branch: string): Promise<void> {
  await pushUntilLive(bough, branch);
  await bough.untilIdle();
}

/** Until what was pushed last serves. */
export async function untilLive(bough: Installation, branch: string): Promise<void> {
  await bough.untilServes(branch, pushed.text, deadlineMs);
}

/** Long enough for whatever is done meanwhile, or for so many seconds. */
export async function pushUntilBuilding(bough: Installation, buildSec = 60): Promise<void> {
  const text = await pushNext(bough, lasting, { buildSec });
  await until('it is being built', async () => (await buildRuns()).some((run) => run.text === text), deadlineMs);
}

/** Whether this is on record of the commit pushed last. */
export async function hasComeTo(bough: Installation, outcome: HeadRecord['outcome']): Promise<boolean> {
  const head = (await createDeploymentStore(bough.layout).read(id))?.head;
  return head?.commit === pushed.commit && head.outcome === outcome;
}

/** Whether the commit pushed last was built and found unfit to serve. */
export async function isUnfit(bough: Installation): Promise<boolean> {
  const releases = await createDeploymentStore(bough.layout).readReleases(id);
  return releases.find(({ commit }) => commit === pushed.commit)?.verdict.state === 'failed';
}
