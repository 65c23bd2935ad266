import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSender } from './burst.ts';
import type { OpenQueues } from './queues.ts';
import { secrets, type TestReceiver } from './receiver.ts';
import type { TestRedis } from './redis.ts';
import { signedPush } from './signed-push.ts';
import { until } from './until.ts';

export interface StormOptions {
  readonly receiver: TestReceiver;
  readonly redis: TestRedis;
  readonly queues: OpenQueues;
  readonly deliveries: number;
  /** How often Redis is killed with SIGKILL meanwhile. */
  readonly kills: number;
}

/** What came of a storm. `stormProblems` judges it. */
export interface StormEnd {
  readonly acknowledged: number;
  /** Acknowledged, and not in Redis after it was killed once more and started again. */
  readonly lost: number;
  /** Jobs in the queue: one for each delivery. */
  readonly jobs: number;
  readonly refused: number;
  readonly slowestRefusalMs: number;
  /** Neither 202 nor 503. */
  readonly odd: number;
  /** The most memory the receiver ever had resident. */
  readonly residentMiB: number;
  readonly seconds: number;
}

const deadlineMs = 300_000;
const connections = 32;
const againMs = 20; // a forge waits longer

/**
 * Signed deliveries of 8 KB, each of a branch of its own, as fast as they are answered, while Redis is killed and started
 * again; what is refused is sent again until it is taken.
 */
export async function storm({ receiver, redis, queues, deliveries, kills }: StormOptions): Promise<StormEnd> {
  const waiting = Array.from({ length: deliveries }, () => {
    const delivery = randomUUID();
    const branch = `b-${delivery.slice(0, 23)}`;
    return signedPush({ path: '/webhooks/demo', secret: secrets[0], delivery, branch, bytes: 8_192 });
  });
  const acknowledged: string[] = [];
  const refusals: number[] = [];
  let odd = 0;
  const harms: Promise<void>[] = [];
  let isDown = false;
  const over = new AbortController();
  const { promise: broken, reject } = Promise.withResolvers<never>();

  /** Down until twenty were refused. */
  async function harm(): Promise<void> {
    isDown = true;
    const before = refusals.length;
    await redis.kill();
    await until('twenty are refused', () => refusals.length >= before + 20, 60_000);
    await redis.start();
    isDown = false;
  }

  async function send(): Promise<void> {
    const sender = createSender(Number(new URL(receiver.url).port));
    while (!over.signal.aborted && acknowledged.length + odd < deliveries) {
      const request = waiting.pop();
      if (request === undefined) {
        await sleep(againMs); // others may be refused still
        continue;
      }
      const { status, body, ms } = await sender.send(request);
      if (status === 202) acknowledged.push(/"job":"([^"]+)"/.exec(body)?.[1] ?? '');
      else if (status === 503) {
        refusals.push(ms);
        await sleep(againMs);
        waiting.unshift(request);
      } else odd += 1;
      const isTime = acknowledged.length >= ((harms.length + 1) * deliveries) / (kills + 1);
      if (harms.length < kills && isTime && !isDown) {
        const harmed = harm();
        harmed.catch(reject);
        harms.push(harmed);
      }
    }
    sender.close();
  }

  const began = performance.now();
  const taken = Promise.all(Array.from({ length: connections }, send)).then(async () => await Promise.all(harms));
  await until('every delivery is taken, and Redis is back', () => Promise.race([taken, broken]), deadlineMs).finally(
    () => over.abort(),
  );
  const seconds = (performance.now() - began) / 1_000;
  await redis.kill();
  await redis.start();
  const there = await countJobs(queues, acknowledged);
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.length - there,
    jobs: await queues.build.getJobCountByTypes('wait', 'prioritized'),
    refused: refusals.length,
    slowestRefusalMs: Math.round(Math.max(0, ...refusals)),
    odd,
    residentMiB: residentMiB(receiver.pid),
    seconds,
  };
}

const longestRefusalMs = 1_100;
const mostResidentMiB = 250;

/** What did not go as a storm of so many deliveries and kills has to, a sentence each. */
export function stormProblems(
  end: StormEnd,
  { deliveries, kills }: Pick<StormOptions, 'deliveries' | 'kills'>,
): string[] {
  const { acknowledged, lost, jobs, refused, slowestRefusalMs, odd, residentMiB: resident } = end;
  return [
    ...(acknowledged === deliveries ? [] : [`${acknowledged} of ${deliveries} deliveries were acknowledged`]),
    ...(lost === 0 ? [] : [`${lost} were acknowledged and lost`]),
    ...(jobs === deliveries ? [] : [`there are ${jobs} jobs for ${deliveries} deliveries`]),
    ...(odd === 0 ? [] : [`${odd} answers were neither 202 nor 503`]),
    ...(refused >= 20 * kills ? [] : [`only ${refused} were refused while Redis was down ${kills} times`]),
    ...(slowestRefusalMs <= longestRefusalMs ? [] : [`a refusal took ${slowestRefusalMs} ms`]),
    ...(resident <= mostResidentMiB ? [] : [`the receiver had ${resident} MiB resident`]),
  ];
}

async function countJobs({ redis, build }: OpenQueues, jobs: readonly string[]): Promise<number> {
  let there = 0;
  for (let from = 0; from < jobs.length; from += 1_000)
    there += await redis.exists(...jobs.slice(from, from + 1_000).map((id) => build.toKey(id)));
  return there;
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024);
}
