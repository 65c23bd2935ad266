import { mkdir, writeFile } from 'node:fs/promises';
import type { Machine, MachineImage } from '../machine/machine.ts';
import type { Report } from './run.ts';
import { describeRun } from './replay.ts';
import { type Event, scheduleOf } from './schedule.ts';

/** A report, and on which Debian it was made. */
export interface Played extends Report {
  readonly image: MachineImage;
}

/** What to play. `logs`: a folder for the journal of a seed that failed. */
export interface Play {
  readonly seed: number;
  readonly length: number;
  readonly image: MachineImage;
  readonly logs: string | undefined;
}

/** Longer than the longest schedule and its convergence together. */
const timeoutMs = 400_000;

/** Plays a seed on a machine. A run that ends without its report is one that failed. */
export async function playSeed(machine: Machine, { seed, length, image, logs }: Play): Promise<Played> {
  const since = await machine.run(['date', '+%Y-%m-%d %H:%M:%S']);
  const argv = ['/opt/node/bin/node', '/opt/bough/test/chaos/inside.ts', String(seed), String(length)];
  const result = await machine
    .exec(argv, { timeoutMs })
    .catch((error: unknown) => ({ exitCode: -1, stdout: '', stderr: String(error) }));
  const report: Report =
    result.exitCode === 0
      ? reportOf(result.stdout)
      : {
          ...nothing,
          seed,
          events: scheduleOf(seed, length),
          problems: [`it ended with ${result.exitCode}: ${result.stderr}`],
        };
  if (report.problems.length > 0 && logs !== undefined) {
    const journal = await machine.exec(['journalctl', '--no-pager', '--output=short-precise', `--since=${since}`]);
    await mkdir(logs, { recursive: true });
    await writeFile(`${logs}/${seed}-${image}.log`, journal.stdout);
  }
  return { ...report, image };
}

function reportOf(stdout: string): Report {
  const report: Report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  return report;
}

const nothing = {
  convergedMs: 0,
  visits: 0,
  longestVisitMs: 0,
  builds: 0,
  acknowledged: 0,
  refused: 0,
  died: [],
  missed: [],
};

/** One line of a run that went well; of one that failed, all that happened. */
export function describeReport({ seed, image, events, problems, ...figures }: Played): string {
  const { convergedMs, builds, visits, longestVisitMs, acknowledged, refused, died, missed } = figures;
  const isGood = problems.length === 0;
  return [
    `seed ${seed} on ${image}: ${isGood ? `converged in ${convergedMs} ms` : 'FAILED'}; ${events.length} events, ${builds} builds, ` +
      `${visits} visits of at most ${longestVisitMs} ms, ${acknowledged} deliveries kept, ${refused} refused` +
      `${died.length === 0 ? '' : `; died ${died.join(', ')}`}${missed.length === 0 ? '' : `; without effect ${missed.join(', ')}`}`,
    ...(isGood ? [] : [...describeRun(seed, events, image), ...problems.map((problem) => `  ✖ ${problem}`)]),
  ].join('\n');
}

function isFault({ action }: Event): boolean {
  return action.do === 'break' || action.do === 'harm';
}

/** The figures of all runs; the last line is the total that `script/test` reads. */
export function summarise(played: readonly Played[]): string[] {
  const good = played.filter(({ problems }) => problems.length === 0);
  const times = good.map(({ convergedMs }) => convergedMs).toSorted((a, b) => a - b);
  const sum = (of: (one: Played) => number) => played.reduce((total, one) => total + of(one), 0);
  const failed = played.filter(({ problems }) => problems.length > 0).map(({ seed, image }) => `${seed} on ${image}`);
  return [
    `${sum(({ events }) => events.length)} events, ${sum(({ builds }) => builds)} builds, ${sum(({ visits }) => visits)} visits, ` +
      `${sum(({ acknowledged }) => acknowledged)} deliveries kept, ${sum(({ died }) => died.length)} deaths at named points, ${sum(({ missed }) => missed.length)} of ${sum(({ events }) => events.filter(isFault).length)} faults without effect`,
    `time to converge: median ${times[Math.floor(times.length / 2)] ?? '–'} ms, largest ${times.at(-1) ?? '–'} ms; slowest visit ${Math.max(0, ...played.map(({ longestVisitMs }) => longestVisitMs))} ms`,
    ...(failed.length === 0 ? [] : [`failed: ${failed.join(', ')}`]),
    `${good.length} passed, ${failed.length} failed`,
  ];
}
