import { setTimeout as sleep } from 'node:timers/promises';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { deliveriesOf } from '../support/ledger.ts';
import { until } from '../support/until.ts';
import { pointsReached, spareWorker } from '../support/worker-drop-in.ts';
import { compareBranches } from './compare.ts';
import type { Deed } from './deed.ts';
import { createForge } from './forge.ts';
import { invocationsOf, whatRestarted } from './invocations.ts';
import { readJournal } from './journal.ts';
import { judgeDeliveries } from './judge-deliveries.ts';
import { findLeftovers } from './leftovers.ts';
import { playEvents } from './play-events.ts';
import { type Event, scheduleOf, untouched } from './schedule.ts';
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
  /** How long the slowest visit took, in ms. */
  readonly longestVisitMs: number;
  readonly builds: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** The named points at which the worker ended itself. */
  readonly died: readonly string[];
  /** The faults that met nothing: no such process, no unit, no second worker. */
  readonly missed: readonly string[];
}

/** A retry of what failed by the host's fault waits 15, 30 and 60 s; a sweep comes every 5 s here. */
const deadlineMs = 150_000;
const longestVisitMs = 5_000;

/** Lets the schedule of a seed happen on a Bough installed anew, and compares what is left with the forge. */
export async function runSeed(seed: number, length: number): Promise<Report> {
  const began = new Date();
  await using bough = await setStage();
  const store = createDeploymentStore(bough.layout);
  const forge = createForge(bough, seed);
  const texts = Object.fromEntries(untouched.map((branch) => [branch, `${branch} ${seed}`]));
  const commits = new Map<string, string>();
  for (const [branch, text] of Object.entries(texts)) {
    commits.set(branch, await bough.push(branch, appFiles({ text })));
    await bough.untilServes(branch, text);
  }
  await bough.untilIdle();

  const invocations = await invocationsOf(untouched);
  const visitors = visitSteadily(texts);
  const events = scheduleOf(seed, length);
  const deeds: Deed[] = await playEvents(events, { bough, forge, visitors });
  await spareWorker();
  const from = performance.now();
  const problems = deeds.flatMap(({ problem }) => problem ?? []);
  problems.push(
    ...(await untilConverged(async () => [
      ...(await compareBranches(forge, store, deeds)),
      ...(await findLeftovers(bough, store, [...untouched, ...forge.heads.keys()])),
      ...judgeDeliveries(forge.acknowledged, deliveriesOf(bough), deeds),
    ])),
  );
  const convergedMs = Math.round(performance.now() - from);

  const visits = await visitors.stop();
  const runs = await buildRuns();
  problems.push(...visits.failed.map((failure) => `a visit failed: ${failure}`));
  if (visits.longestMs > longestVisitMs) problems.push(`a visit took ${visits.longestMs} ms`);
  problems.push(...whatRestarted(invocations, await invocationsOf(untouched)));
  if (overlap(runs) > 0n) problems.push(`builds overlapped for ${overlap(runs)} ns`);
  for (const [slug, commit] of commits) {
    const releases = await store.readReleases({ project: 'demo', slug });
    if (releases.length !== 1 || releases[0]?.commit !== commit) problems.push(`${slug} was built again`);
  }
  problems.push(...(await readJournal(began)));
  return {
    seed,
    events,
    problems,
    convergedMs,
    visits: visits.total,
    longestVisitMs: visits.longestMs,
    builds: runs.length,
    acknowledged: forge.acknowledged.length,
    refused: forge.refused.length,
    died: await pointsReached(),
    missed: deeds.flatMap(({ missed, action }) => (missed === true && 'what' in action ? action.what : [])),
  };
}

/** What is still wrong when time is up; nothing once all is right, twice in a row. */
async function untilConverged(compare: () => Promise<string[]>): Promise<readonly string[]> {
  let problems: readonly string[] = ['nothing was compared'];
  let right = 0;
  try {
    await until(
      'all is as it should be',
      async () => {
        problems = await compare();
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
