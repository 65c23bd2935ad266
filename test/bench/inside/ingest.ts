// The part of test/bench/ingest.ts that runs in the machine.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BurstAnswer, sendBurst } from '../../support/burst.ts';
import { install, systemctl } from '../../support/installation.ts';
import { signedPush } from '../../support/signed-push.ts';
import { until } from '../../support/until.ts';
import { median, percentile, round, showPlace } from '../figures.ts';
import { mainPid } from './cost.ts';

const rounds = Number(process.argv[2] ?? 5);
const count = Number(process.argv[3] ?? 20_000);
const connections = 32;
const bytes = 8_192;
const secret = 'the secret of the tests';
const webhookPort = 9_900;
const least = 1.5; // times what `webhook` takes
const mostP99Ms = 20; // of the middle round
const mostMemoryMB = 250;

await using bough = await install({ logLevel: 'info' });
await systemctl('stop', 'bough-worker.service'); // every job is to be found afterwards
writeFileSync('/srv/hooks.json', JSON.stringify([hook()]));
const webhook = spawn('webhook', ['-hooks', '/srv/hooks.json', '-ip', '127.0.0.1', '-port', String(webhookPort)], {
  stdio: 'inherit',
});
await until('webhook listens', () => listens(webhookPort));
const receiver = await mainPid('bough-receiver.service');
const [, policy] = await bough.redis.config('GET', 'appendfsync').then((words) => words);
if (policy !== 'always') throw new Error(`Redis has appendfsync ${policy}`);

const servers = [
  { name: 'Bough', port: 9_010, path: '/webhooks/demo', pid: receiver },
  { name: 'webhook', port: webhookPort, path: '/hooks/demo', pid: webhook.pid ?? 0 },
].map((server) => ({ ...server, rates: [] as number[], p99s: [] as number[], longest: 0, cpu: [] as number[] }));
const kept: string[] = [];
let refused = 0;

for (let each = 0; each <= rounds; each += 1) {
  // A first short round warms both; then they change places, as the second of two may find another machine.
  const isWarmUp = each === 0;
  for (const server of each % 2 === 0 ? servers : servers.toReversed()) {
    const before = cpuMsOf(server.pid);
    const { answers, seconds } = await burst(server, isWarmUp ? 1_000 : count);
    if (server.name === 'webhook') await untilAtRest(server.pid);
    const bad = answers.filter(({ status }) => status >= 300);
    if (server.name === 'Bough') {
      refused += bad.length;
      for (const answer of answers) if (answer.status === 202) kept.push(jobOf(answer));
    } else if (bad.length > 0) throw new Error(`webhook answered ${bad[0]?.status}: ${bad[0]?.body}`);
    if (isWarmUp) continue;
    const times = answers.map(({ ms }) => ms);
    server.rates.push(answers.length / seconds);
    server.p99s.push(percentile(times, 0.99));
    server.longest = Math.max(server.longest, ...times);
    server.cpu.push((cpuMsOf(server.pid) - before) / answers.length);
    console.log(
      `${server.name}: ${round(answers.length / seconds)} deliveries/s, p50 ${round(median(times))} ms, ` +
        `p99 ${round(percentile(times, 0.99))} ms`,
    );
  }
}

showPlace(`${rounds} rounds of ${count} deliveries of ${bytes} bytes, ${connections} connections`);
for (const { name, rates, p99s, longest, cpu, pid } of servers) {
  console.log(
    `${name}: median of ${rounds} rounds ${round(median(rates))} deliveries/s, p99 ${round(median(p99s))} ms ` +
      `(worst round ${round(Math.max(...p99s))}, longest ${round(longest)} ms), ` +
      `${round(median(cpu))} ms of processor time each without children; ` +
      `${round(memoryOf(pid, 'smaps_rollup', 'Pss') / 1024)} MiB PSS, most ever ${round(memoryOf(pid, 'status', 'VmHWM') / 1024)} MiB RSS`,
  );
}
const [mine = Number.NaN, theirs = Number.NaN] = servers.map(({ rates }) => median(rates));
const p99 = median(servers[0]?.p99s ?? []);
console.log(
  `Bough takes ${round(mine / theirs)} times as many; ${least} are the least; a p99 of ${mostP99Ms} ms and ${mostMemoryMB} MB are the most`,
);
const found = await countInRedis(kept);
console.log(`${kept.length} answered 202, of which ${kept.length - found} are not in Redis; ${refused} refused`);
webhook.kill();
const memoryMB = (memoryOf(receiver, 'status', 'VmHWM') * 1024) / 1e6;
const isFast = mine / theirs >= least && p99 <= mostP99Ms;
process.exitCode = found === kept.length && refused === 0 && isFast && memoryMB <= mostMemoryMB ? 0 : 1;

async function burst({ port, path }: { port: number; path: string }, size: number) {
  const requests = Array.from({ length: size }, () => {
    const delivery = randomUUID();
    return signedPush({ path, secret, delivery, branch: `b-${delivery.slice(0, 23)}`, bytes });
  });
  return await sendBurst({ port, connections, count: size, request: (index) => requests[index] ?? Buffer.alloc(0) });
}

/** `webhook` answers before it has run the command: what is left to run would fall into the round of the other. */
async function untilAtRest(pid: number): Promise<void> {
  await until(
    'webhook is at rest',
    async () => {
      const before = cpuMsOf(pid);
      await sleep(300);
      return cpuMsOf(pid) - before < 10;
    },
    120_000,
  );
}

/** What Debian's package is told: one command, after the same signature was found right. */
function hook() {
  return {
    id: 'demo',
    'execute-command': '/bin/true',
    'trigger-rule': {
      match: {
        type: 'payload-hmac-sha256',
        secret,
        parameter: { source: 'header', name: 'X-Hub-Signature-256' },
      },
    },
    'trigger-rule-mismatch-http-response-code': 401,
  };
}

function jobOf({ body }: BurstAnswer): string {
  const answer: unknown = JSON.parse(body);
  if (typeof answer !== 'object' || answer === null || !('job' in answer))
    throw new Error(`202 without a job: ${body}`);
  return String(answer.job);
}

async function countInRedis(jobs: readonly string[]): Promise<number> {
  let there = 0;
  for (let from = 0; from < jobs.length; from += 1_000)
    there += await bough.redis.exists(...jobs.slice(from, from + 1_000).map((id) => bough.builds.toKey(id)));
  return there;
}

function memoryOf(pid: number, file: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1]);
}

/** Processor time of one process so far, in ms; see proc_pid_stat(5). */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  const answer = await promise;
  socket.destroy();
  return answer;
}
