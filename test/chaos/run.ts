import { setTimeout as sleep } from 'node:timers/promises';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import type { Installation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { pointsReached, spareWorker } from '../support/worker-drop-in.ts';
import { compareBranches } from './compare.ts';
import { createForge, type Forge } from './forge.ts';
import { findLeftovers } from './leftovers.ts';
import { perform } from './perform.ts';
import { type Event, scheduleOf } from './schedule.ts';
import { setStage } from './stage.ts';
import { visitSteadily } from './steady.ts';

/** What a run has shown. It is good without problems. */
export interface Report {
  readonly seed: number;
  readonly events: readonly Event[];
  readonly problems: readonly string[];
  /** From the last event until all was as it should be, in ms. */
  readonly convergedMs: number;
  readonly visits: number;
  readonly builds: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** The named points at which the worker ended itself. */
  readonly died: readonly string[];
}

/** A retry of what failed by the host's fault waits 15, 30 and 60 s; a sweep comes every 5 s here. */
const deadlineMs = 150_000;

/** Lets the schedule of a seed happen on a Bough installed anew, and compares what is left with the forge. */
export async function runSeed(seed: number, length: number): Promise<Report> {
  await using bough = await setStage();
  const store = createDeploymentStore(bough.layout);
  const forge = createForge(bough, seed);
  const steady = await bough.push('main', appFiles({ text: `steady ${seed}` }));
  await bough.untilServes('main', `steady ${seed}`);
  await bough.untilIdle();

  const visitors = visitSteadily(`steady ${seed}`);
  const events = scheduleOf(seed, length);
  const problems: string[] = [];
  for (const { afterMs, action } of events) {
    await sleep(afterMs);
    await perform(action, { bough, forge, visitors });
  }

  await spareWorker();
  const from = performance.now();
  problems.push(
    ...(await untilConverged(bough, forge, async () => [
      ...(await compareBranches(forge, store)),
      ...(await findLeftovers(bough, store, ['main', ...forge.heads.keys()])),
    ])),
  );
  const convergedMs = Math.round(performance.now() - from);

  const visits = await visitors.stop();
  const runs = await buildRuns();
  problems.push(...visits.failed.map((failure) => `a visit of main failed: ${failure}`));
  if (overlap(runs) > 0n) problems.push(`builds overlapped for ${overlap(runs)} ns`);
  const release = await store.readReleases({ project: 'demo', slug: 'main' });
  if (release.length !== 1 || release[0]?.commit !== steady) problems.push('main was built again');
  return {
    seed,
    events,
    problems,
    convergedMs,
    visits: visits.total,
    builds: runs.length,
    acknowledged: forge.acknowledged.length,
    refused: forge.refused.length,
    died: await pointsReached(),
  };
}

/** What is still wrong when time is up; nothing once all is right, twice in a row. */
async function untilConverged(
  bough: Installation,
  forge: Forge,
  compare: () => Promise<string[]>,
): Promise<readonly string[]> {
  let problems: readonly string[] = ['nothing was compared'];
  let right = 0;
  try {
    await until(
      'all is as it should be',
      async () => {
        problems = [...(await compare()), ...(await withoutOutcome(bough, forge))];
        right = problems.length === 0 ? right + 1 : 0;
        if (right < 2) await sleep(200);
        return right === 2;
      },
      deadlineMs,
    );
  } catch (error) {
    return [String(error), ...problems];
  }
  return [];
}

/** Acknowledged deliveries whose job still waits. One that Redis lost has its outcome in what the sweep made of it. */
async function withoutOutcome({ builds, sweeps }: Installation, { acknowledged }: Forge): Promise<string[]> {
  const waiting: string[] = [];
  for (const id of new Set(acknowledged)) {
    const state = await builds.getJobState(id);
    const found = state === 'unknown' ? await sweeps.getJobState(id) : state;
    if (!['unknown', 'completed', 'failed'].includes(found)) waiting.push(`delivery's job ${id} is ${found}`);
  }
  return waiting;
}
