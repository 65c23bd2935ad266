// How long `bough rollback` takes to its answer, with Redis stopped; the release serves by then. In a machine, as root:
//   script/machine exec NAME -- node /opt/bough/test/bench/rollback.ts [ROUNDS]
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { get, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const rounds = Number(process.argv[2] ?? 10);
// As installed: with the settle and drain times a host has unless told otherwise.
await using bough = await install({ reconcile: {} });
for (const each of [bough.redis, bough.builds, bough.reconciles]) each.on('error', () => undefined); // it is stopped
for (const text of ['first', 'second']) {
  await bough.push('main', appFiles({ text }));
  await bough.untilServes('main', text);
  await bough.untilIdle();
}

const ours = async () => await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-demo--main--r*');

const mostMs = 2_000;

/** Median and largest of a list of milliseconds. It fails where the median is beyond what is promised. */
function show(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  if (!(median <= mostMs)) process.exitCode = 1;
  console.log(`${what}: median ${median} ms, largest ${sorted.at(-1)} ms, ${times.length} times`);
}

for (const [what, units] of [
  ['by the worker', ['bough-redis.service']],
  ['without a worker', ['bough-worker.service']],
] as const) {
  await systemctl('stop', ...units);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const to = round % 2 === 0 ? 1 : 2;
    const { ms, code, stderr } = await run(['rollback', 'demo', 'main', String(to)]);
    const { body } = await get('/main/');
    if (code !== 0 || !body.includes(`release ${to}`)) throw new Error(`${stderr}${body}`);
    times.push(ms);
    // The next one is to find the other release stopped, not draining still.
    await until('the other release is gone', async () => !(await ours()).includes(`--r${3 - to}-`), 60_000);
  }
  show(`bough rollback ${what}, from the command to its answer`, times);
}
await systemctl('start', 'bough-redis.service', 'bough-worker.service');
