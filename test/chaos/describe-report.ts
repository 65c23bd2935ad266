import { countFaults, describeFaults, idleFaults } from './count-faults.ts';
import type { Played } from './play-seed.ts';
import { describeRun } from './replay.ts';

/** One line of a run that went well; of one that failed, all that happened. */
export function describeReport({ seed, image, events, problems, ...figures }: Played): string {
  const { convergedMs, builds, visits, longestVisitMs, acknowledged, refused, died, faults, meetings } = figures;
  const missed = faults.filter(({ isMet }) => !isMet).map(({ what }) => what);
  const isGood = problems.length === 0;
  return [
    `seed ${seed} on ${image}: ${isGood ? `converged in ${convergedMs} ms` : 'FAILED'}; ${events.length} events, ${builds} builds, ` +
      `${visits} visits of at most ${longestVisitMs} ms, ${acknowledged} deliveries kept, ${refused} refused; ` +
      `${meetings.forge} of the forge and ${meetings.people} of people while a fault lasted` +
      `${died.length === 0 ? '' : `; died ${died.join(', ')}`}${missed.length === 0 ? '' : `; without effect ${missed.join(', ')}`}`,
    ...(isGood ? [] : [...describeRun(seed, events, image), ...problems.map((problem) => `  ✖ ${problem}`)]),
  ].join('\n');
}

/** The figures of all runs; the last line is the total that `script/test` reads. */
export function summarise(played: readonly Played[]): string[] {
  const good = played.filter(({ problems }) => problems.length === 0);
  const times = good.map(({ convergedMs }) => convergedMs).toSorted((a, b) => a - b);
  const sum = (of: (one: Played) => number) => played.reduce((total, one) => total + of(one), 0);
  const faults = played.flatMap((one) => one.faults);
  const idle = idleFaultsOf(played);
  const failed = played.filter(({ problems }) => problems.length > 0).map(({ seed, image }) => `${seed} on ${image}`);
  return [
    `${sum(({ events }) => events.length)} events, ${sum(({ builds }) => builds)} builds, ${sum(({ visits }) => visits)} visits, ` +
      `${sum(({ acknowledged }) => acknowledged)} deliveries kept, ${sum(({ died }) => died.length)} deaths at named points, ` +
      `${sum(({ meetings }) => meetings.forge)} of the forge and ${sum(({ meetings }) => meetings.people)} of people while a fault lasted`,
    `${faults.filter(({ isMet }) => !isMet).length} of ${faults.length} faults without effect; met something: ${describeFaults(countFaults(faults))}`,
    `time to converge: median ${times[Math.floor(times.length / 2)] ?? '–'} ms, largest ${times.at(-1) ?? '–'} ms; slowest visit ${Math.max(0, ...played.map(({ longestVisitMs }) => longestVisitMs))} ms`,
    ...(idle.length === 0 ? [] : [`met nothing in ${played.length} seeds: ${idle.join(', ')}`]),
    ...(failed.length === 0 ? [] : [`failed: ${failed.join(', ')}`]),
    `${good.length} passed, ${failed.length} failed`,
  ];
}

/** Whether all is well with all runs, and with what was tried in them. */
export function areGood(played: readonly Played[]): boolean {
  return (
    played.length > 0 && played.every(({ problems }) => problems.length === 0) && idleFaultsOf(played).length === 0
  );
}

function idleFaultsOf(played: readonly Played[]): string[] {
  return idleFaults(countFaults(played.flatMap(({ faults }) => faults)), played.length);
}
