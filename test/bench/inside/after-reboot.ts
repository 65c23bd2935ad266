// Inside a machine, after its reboot: nothing of Bough but bough-restore.service has run by then. See ../sleeping.ts.
import { execFileSync } from 'node:child_process';
import { show, showPlace } from '../figures.ts';
import { appProcesses, ask, branches, runningServices } from './many.ts';

const count = Number(process.argv[2] ?? 200);
const msOf = (property: string, ...units: string[]) =>
  execFileSync('systemctl', ['show', ...units, '--value', `--property=${property}`], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .map((microseconds) => Number(microseconds) / 1000);
const [up = Number.NaN] = msOf('FinishTimestampMonotonic');
const sockets = branches(count).map((branch) => `bough-demo--${branch}--r1-web.socket`);
const listening = msOf('ActiveEnterTimestampMonotonic', ...sockets).filter((at) => at > 0);

showPlace('rebooted');
console.log(
  `${listening.length} of ${count} sockets listen, the last ${Math.round(Math.max(...listening) - up)} ms after systemd ` +
    `was up; ${appProcesses()} app processes, ${await runningServices()} running services of apps`,
);
for (const unit of ['bough-redis', 'bough-worker', 'bough-receiver'])
  if (msOf('ActiveEnterTimestampMonotonic', `${unit}.service`)[0] !== 0) throw new Error(`${unit} has run`);
const answers = [];
for (const branch of branches(count)) answers.push(await ask(branch));
show(
  `${answers.filter(({ ok }) => ok).length} of ${count} answered through Caddy, one by one, without Redis and the worker; time to the answer`,
  answers.map(({ ms }) => ms),
);
