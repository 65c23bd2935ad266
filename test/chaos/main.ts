// Seeded chaos, on a machine, as root:
//   script/machine exec NAME -- node /opt/bough/test/chaos/main.ts --runs 20 --seed 1
// A seed that fails prints what happened and what was wrong; `--runs 1 --seed THAT` plays it again.
import { parseArgs } from 'node:util';
import { type Report, runSeed } from './run.ts';
import { describeEvent } from './schedule.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    length: { type: 'string', default: '20' },
  },
});

const reports: Report[] = [];
for (let run = 0; run < Number(values.runs); run++) {
  const report = await runSeed(Number(values.seed) + run, Number(values.length));
  reports.push(report);
  const verdict = report.problems.length === 0 ? `converged in ${report.convergedMs} ms` : 'FAILED';
  console.log(
    `seed ${report.seed}: ${verdict}; ${report.events.length} events, ${report.builds} builds, ${report.visits} visits, ${report.acknowledged} deliveries kept, ${report.refused} refused`,
  );
  if (report.problems.length === 0) continue;
  for (const event of report.events) console.log(`    ${describeEvent(event)}`);
  for (const problem of report.problems) console.log(`  ✖ ${problem}`);
}

const good = reports.filter(({ problems }) => problems.length === 0);
const times = good.map(({ convergedMs }) => convergedMs).toSorted((a, b) => a - b);
console.log(`time to converge: median ${times[Math.floor(times.length / 2)]} ms, largest ${times.at(-1)} ms`);
console.log(`${good.length} passed, ${reports.length - good.length} failed`);
process.exitCode = good.length === reports.length ? 0 : 1;
