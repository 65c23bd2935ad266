// A burst of signed deliveries of 8 KB over 32 connections during which Redis is killed with SIGKILL, and what became of
// each. It exits with 1 where one was lost, a refusal took longer than 1.1 s, or the receiver more than 250 MiB.
// In a machine, as root:
//   script/machine exec NAME -- node /opt/bough/test/bench/burst.ts [DELIVERIES] [KILLS]
import { openQueues } from '../support/queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { createTestRedis } from '../support/redis.ts';
import { storm, stormProblems } from '../support/storm.ts';
import { round, showPlace } from './figures.ts';

const deliveries = Number(process.argv[2] ?? 10_000);
const kills = Number(process.argv[3] ?? 3);
process.env['TMPDIR'] = '/var/tmp'; // on the disk: /tmp is in memory, where syncing costs nothing
await using redis = await createTestRedis();
await using receiver = await startReceiver(redis.url);
await using queues = await openQueues(redis.url);

const end = await storm({ receiver, redis, queues, deliveries, kills });
showPlace(`${deliveries} deliveries, Redis killed ${kills} times`);
console.log(
  `${end.acknowledged} acknowledged in ${round(end.seconds)} s, ${end.lost} of them lost, ${end.jobs} jobs; ` +
    `${end.refused} answers of 503, the slowest after ${end.slowestRefusalMs} ms; ${end.odd} other answers; ` +
    `the receiver had ${end.residentMiB} MiB resident at the most`,
);
const problems = stormProblems(end, { deliveries, kills });
for (const problem of problems) console.log(`✖ ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
