import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { buildRuns, overlap } from '../support/app-files.ts';
import { deliveriesOf } from '../support/ledger.ts';
import { pointsReached, spareWorker } from '../support/worker-drop-in.ts';
import { compareBranches } from './compare.ts';
import { staysRight, untilRight } from './converge.ts';
import type { Struck } from './count-faults.ts';
import { countMeetings, type Meetings } from './count-meetings.ts';
import type { Deed } from './deed.ts';
import { createForge } from './forge.ts';
import { readJournal } from './journal.ts';
import { judgeDeliveries } from './judge-deliveries.ts';
import { judgeLast, lastPushes } from './judge-last.ts';
import { judgeRefusals } from './judge-refusals.ts';
import { findGitLeftovers, findLeftovers } from './leftovers.ts';
import { playEvents } from './play-events.ts';
import { type Event, scheduleOf, untouched } from './schedule.ts';
import { setStage } from './stage.ts';
import { findUnheld } from './unheld.ts';
import { pushUntouched } from './untouched.ts';

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
  /** The faults that happened. */
  readonly faults: readonly Struck[];
  readonly meetings: Meetings;
}

/** A retry of what failed by the host's fault waits 15, 30 and 60 s; a sweep comes every 5 s here. */
const deadlineMs = 150_000;
/** Nothing is broken any more: these are four builds, one after the other. */
const lastMs = 60_000;

/** Lets the schedule of a seed happen on a Bough installed anew, and compares what is left with the forge. */
export async function runSeed(seed: number, length: number): Promise<Report> {
  const began = new Date();
  await using bough = await setStage();
  const store = createDeploymentStore(bough.layout);
  const forge = createForge(bough, seed);
  const steady = await pushUntouched(bough, seed);

  const stage = { bough, forge, visitors: steady.visitors };
  const events = scheduleOf(seed, length);
  const deeds: Deed[] = await playEvents(events, stage);
  await spareWorker();
  let lookingFor = ''; // says what did not answer where a comparison has no end
  const compare = async () => {
    const branches = [...untouched, ...forge.heads.keys()];
    lookingFor = 'what answers';
    const differing = await compareBranches(forge, store, deeds);
    lookingFor = 'leftovers';
    const leftovers = await findLeftovers(bough, store, branches);
    lookingFor = 'what is not held';
    const unheld = await findUnheld(bough, store, branches);
    lookingFor = 'nothing any more';
    return [...differing, ...leftovers, ...unheld, ...judgeDeliveries(forge.acknowledged, deliveriesOf(bough), deeds)];
  };
  const from = performance.now();
  const problems = deeds.flatMap(({ problem }) => problem ?? []);
  problems.push(...(await untilRight(compare, deadlineMs)));
  const convergedMs = Math.round(performance.now() - from);
  if (problems.length === 0) problems.push(...(await staysRight(bough, compare)));
  if (problems.length === 0) {
    const before = forge.acknowledged.length;
    deeds.push(...(await playEvents(lastPushes, stage)));
    const taken = forge.acknowledged.slice(before);
    const compareLast = async () => [
      ...judgeLast(taken, deliveriesOf(bough)),
      ...(await compare()),
      ...(await findGitLeftovers(bough.layout)),
    ];
    problems.push(...(await untilRight(compareLast, lastMs)));
  }

  if (problems.length > 0) problems.push(`it was looking for ${lookingFor} when time was up`);

  const { visits, problems: disturbed } = await steady.judge(store);
  const runs = await buildRuns();
  problems.push(...disturbed);
  problems.push(...judgeRefusals(forge.refused, deeds));
  if (overlap(runs) > 0n) problems.push(`builds overlapped for ${overlap(runs)} ns`);
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
    faults: deeds.flatMap(({ missed, action }) =>
      'what' in action ? { what: action.what, isMet: missed !== true } : [],
    ),
    meetings: countMeetings(deeds),
  };
}
