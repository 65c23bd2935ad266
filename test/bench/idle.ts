// What Bough costs while nothing happens: processor time of its services, the sweep of every minute included. In a machine,
// as root:
//   script/machine exec NAME -- node /opt/bough/test/bench/idle.ts [BRANCHES] [SECONDS]
import { setTimeout as sleep } from 'node:timers/promises';
import { appFiles } from '../support/app-files.ts';
import { install } from '../support/installation.ts';
import { round, showPlace } from './figures.ts';
import { cpuMs, mainPid, privateKiB, systemdCpuMs } from './inside/cost.ts';

const count = Number(process.argv[2] ?? 50);
const seconds = Number(process.argv[3] ?? 60);
await using bough = await install({ sweepIntervalSec: 60 }); // as installed, and as in script/demo
const branches = Array.from({ length: count }, (_, index) => `branch-${index + 1}`);
for (const branch of branches) await bough.push(branch, appFiles({ text: 'one output' }));
await bough.untilIdle(3_600_000);
for (const branch of branches) await bough.untilServes(branch, `of ${branch}`);

const names = ['worker', 'receiver', 'redis', 'caddy'];
const look = async () => [...(await Promise.all(names.map((name) => cpuMs(`bough-${name}.service`)))), systemdCpuMs()];
const before = await look();
await sleep(seconds * 1000); // the one thing that is measured by time passing
const after = await look();
showPlace(`${count} live branches, idle for ${seconds} s`);
for (const [index, name] of [...names, 'systemd'].entries()) {
  const ms = (after[index] ?? 0) - (before[index] ?? 0);
  const pid = name === 'systemd' ? 1 : await mainPid(`bough-${name}.service`);
  console.log(
    `${name}: ${round(ms)} ms of processor time, ${round(ms / seconds / 10)} % of one processor; ${round(privateKiB(pid) / 1024)} MiB`,
  );
}
