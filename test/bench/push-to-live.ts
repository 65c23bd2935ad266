// How long a push takes to be live, and how soon a killed worker builds again. In a machine, as root:
//   script/machine exec NAME -- node /opt/bough/test/bench/push-to-live.ts [ROUNDS]
import { appFiles, buildRuns } from '../support/app-files.ts';
import { install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const rounds = Number(process.argv[2] ?? 10);
await using bough = await install();

/** Median and largest of a list of milliseconds. */
function show(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  console.log(
    `${what}: median ${Math.round(median)} ms, largest ${Math.round(sorted.at(-1) ?? Number.NaN)} ms, ${times.length} times`,
  );
}

const live: number[] = [];
for (let round = 0; round < rounds; round++) {
  const files = appFiles({ text: `round ${round}.` });
  const commit = await bough.repository.commit('main', files);
  const began = performance.now();
  await bough.deliverPush('main', commit);
  await bough.untilServes('main', `round ${round}.`);
  live.push(performance.now() - began);
  await bough.untilIdle();
}
show('delivery to live, settle time of 500 ms included', live);

const again: number[] = [];
for (let round = 0; round < rounds; round++) {
  const text = `killed ${round}`;
  const runs = async () => (await buildRuns()).filter((run) => run.text === text);
  await bough.push('main', appFiles({ text, buildSec: 2 }));
  await until('it is being built', async () => (await runs()).length === 1, 20_000);
  process.kill(Number(await systemctl('show', '--value', '--property=MainPID', 'bough-worker.service')), 'SIGKILL');
  const second = await until('it is being built again', async () => (await runs())[1], 20_000);
  const started = BigInt(
    await systemctl('show', '--value', '--property=ExecMainStartTimestampMonotonic', 'bough-worker.service'),
  );
  const startedAt = BigInt(Date.now()) * 1_000_000n - (process.hrtime.bigint() - started * 1_000n);
  again.push(Number(second.start - startedAt) / 1e6);
  await bough.untilIdle();
}
show('start of the worker after kill -9 to the builder running again', again);
