// Inside a machine: deploys many branches that sleep, measures them, and leaves them asleep for a reboot. See ../sleeping.ts.
import { readlink } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { appFiles } from '../../support/app-files.ts';
import { install, systemctl } from '../../support/installation.ts';
import { median, percentile, round, show, showPlace } from '../figures.ts';
import { startByHand } from '../start-by-hand.ts';
import { cpuMs, mainPid, privateKiB } from './cost.ts';
import { appProcesses, ask, branches, runningServices, untilAllSleep } from './many.ts';

const count = Number(process.argv[2] ?? 200);
// With the deadline of a health check that a host has unless told otherwise: all at once, some have to wait for long.
const bough = await install({ logLevel: 'debug' }, { sleepAfter: '20s', health: {} });
const files = appFiles({ text: 'one output' });
const workerKiB = async () => privateKiB(await mainPid('bough-worker.service'));
const systemdKiB = () => privateKiB(1);
const spawned = () =>
  execFileSync('journalctl', ['--unit=bough-worker.service', '--output=cat', '--grep=command ended'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  }).split('\n').length;

await bough.push('first', files); // so that all that is made once is made
await bough.untilServes('first', 'one output');
await bough.untilIdle();
await untilAllSleep();
const before = { systemd: systemdKiB(), worker: await workerKiB() };

showPlace('deploying');
const began = performance.now();
for (const branch of branches(count)) await bough.push(branch, files);
await bough.untilIdle(3_600_000);
console.log(`${count} branches of one output deployed in ${Math.round((performance.now() - began) / 1000)} s`);
const builds = (await bough.builds.getCompleted()).filter(({ data }) => data.branch !== 'first');
show(
  'a build of an output that is there',
  builds.map(({ processedOn = 0, finishedOn = 0 }) => finishedOn - processedOn),
);
const reconciles = (await bough.reconciles.getCompleted()).filter(({ name }) => name === 'reconcile');
show(
  'a reconcile, settle time of 500 ms included',
  reconciles.map(({ processedOn = 0, finishedOn = 0 }) => finishedOn - processedOn),
);

await untilAllSleep();
console.log(`asleep: ${appProcesses()} app processes, ${await runningServices()} running services of apps`);
console.log(
  `a sleeping branch takes ${round((systemdKiB() - before.systemd) / count)} KiB of systemd and ` +
    `${round(((await workerKiB()) - before.worker) / count)} KiB of the worker; these have ${round(systemdKiB() / 1024)} MiB ` +
    `and ${round((await workerKiB()) / 1024)} MiB`,
);

const sweeps = { ms: [] as number[], cpu: [] as number[], commands: [] as number[] };
for (let time = 0; time < 5; time++) {
  const [commands, cpu] = [spawned(), await cpuMs('bough-worker.service')];
  await bough.sweep();
  const jobs = await bough.sweeps.getCompleted();
  const job = jobs.toSorted((a, b) => (b.finishedOn ?? 0) - (a.finishedOn ?? 0))[0];
  if (job?.returnvalue.findings.length !== 0) throw new Error(JSON.stringify(job?.returnvalue));
  sweeps.ms.push((job.finishedOn ?? 0) - (job.processedOn ?? 0));
  sweeps.cpu.push((await cpuMs('bough-worker.service')) - cpu);
  sweeps.commands.push(spawned() - commands);
}
show(`a sweep of ${count + 1} branches that need nothing`, sweeps.ms);
show('its processor time, its children included', sweeps.cpu);
show('processes it starts', sweeps.commands, 'processes');

showPlace('waking');
const program = `${await readlink(bough.layout.releaseRoot({ project: 'demo', slug: 'first' }, 1))}/bin/app`;
const wakes: number[] = [];
const byHand: number[] = [];
for (const [index, branch] of branches(count).entries()) {
  const { ms, ok, status } = await ask(branch);
  if (!ok) throw new Error(`${branch} was woken and answered ${status}`);
  wakes.push(ms);
  if (index % 4 === 0) byHand.push(await startByHand(program));
}
console.log(`${wakes.length} of ${count} branches woken one by one answered`);
show('from the request to the whole answer of a sleeping branch', wakes);
show('the same program started by hand, to its first answer', byHand);
console.log(
  `a wake is ${round(median(wakes) / median(byHand))} times a start by hand by the medians; 9 of 10 within ${round(percentile(wakes, 0.9))} ms`,
);

await untilAllSleep();
const crowd = await Promise.all(branches(count).map(ask));
show(
  `all ${count} asked at once: ${crowd.filter(({ ok }) => ok).length} answered; time to the answer`,
  crowd.map(({ ms }) => ms),
);

await untilAllSleep();
await systemctl('disable', 'bough-redis.service', 'bough-receiver.service', 'bough-worker.service'); // all but what restores
process.exit(0); // it is to stay as it is
