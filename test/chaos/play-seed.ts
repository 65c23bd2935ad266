import { mkdir, writeFile } from 'node:fs/promises';
import type { Machine, MachineImage } from '../machine/machine.ts';
import type { Report } from './run.ts';
import { scheduleOf } from './schedule.ts';

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
  faults: [],
  meetings: { forge: 0, people: 0 },
};
