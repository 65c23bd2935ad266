import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { openQueues } from '../support/queues.ts';
import { push, secrets, sign, startReceiver, type TakenAnswer, type TestReceiver } from '../support/receiver.ts';
import { createTestRedis, type TestRedis } from '../support/redis.ts';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

const slowestMs = 1_100;

test('with Redis down at the start the receiver is up, refuses at once, and takes deliveries as soon as Redis is there', async () => {
  await using redis = await createTestRedis({ started: false });
  await using receiver = await startReceiver(redis.url);

  assert.equal((await fetch(`${receiver.url}/healthz`)).status, 200);
  await assertNotReady(receiver, /not connected/);
  assertRefused(await receiver.deliver(push('x')));

  await redis.start();
  await untilTaken(receiver);
  assert.equal((await fetch(`${receiver.url}/readyz`)).status, 200);
});

test('with Redis frozen at the start it refuses, and takes deliveries once Redis thaws', async () => {
  await using redis = await createTestRedis();
  redis.freeze();
  await using receiver = await startReceiver(redis.url);

  assertRefused(await receiver.deliver(push('x')));

  redis.thaw();
  await untilTaken(receiver);
});

test('Redis killed under load: every answer within about a second, no 202 for a job that is not there afterwards', async () => {
  await using redis = await createTestRedis();
  await using receiver = await startReceiver(redis.url);
  await untilTaken(receiver);

  const load = startLoad(receiver);
  for (let round = 0; round < 3; round += 1) {
    await load.answered(40);
    await redis.kill();
    await load.refused(20);
    await redis.start();
    await load.taken(20);
  }
  const answers = await load.stop();

  assertPrompt(answers);
  await redis.kill();
  await redis.start();
  await assertAllKept(redis, answers);
});

test('Redis frozen under load: refused within about a second, then at once, and taken again after the thaw', async (t) => {
  await using redis = await createTestRedis();
  await using receiver = await startReceiver(redis.url);
  await untilTaken(receiver);

  const load = startLoad(receiver);
  await load.answered(40);
  redis.freeze();
  await load.refused(8);
  const later = await receiver.deliver(push('while-frozen'), { delivery: 'while-frozen' });
  const timed = await deliverByCurl(receiver, 'timed-while-frozen');
  const isGivenUp = async () => (await readReadiness(receiver)).reason.includes('not connected');
  await until('the connection has run into its timeout', isGivenUp, 20_000);
  await assertNotReady(receiver, /not connected/);
  redis.thaw();
  await load.taken(20);
  const answers = await load.stop();

  assertRefused(later);
  assert.equal(timed.status, 503);
  assert.ok(timed.ms < 100, `${timed.ms} ms although Redis was known to be frozen`);
  for (const delivery of ['while-frozen', 'timed-while-frozen']) {
    const { failure } = receiver.log.find((line) => line['delivery'] === delivery) ?? {};
    assert.match(String(failure), /: it (does not answer|is not connected)\.$/, 'it was known, and Redis not asked');
  }
  assertPrompt(answers);
  await redis.kill();
  await redis.start();
  await assertAllKept(redis, answers);
  t.diagnostic(summaryOf(answers));
});

test('Redis out of memory: refused at once, and taken again when there is room', async () => {
  await using redis = await createTestRedis();
  await using receiver = await startReceiver(redis.url);
  await untilTaken(receiver);
  await using queues = await openQueues(redis.url);
  await queues.redis.config('SET', 'maxmemory', '1');

  const refusal = await receiver.deliver(push('no-room'), { delivery: 'no-room' });
  assertRefused(refusal);
  assert.ok(refusal.ms < 200, `${refusal.ms} ms`);
  assert.equal(await queues.build.getJob('delivery-demo--no-room--no-room'), undefined);

  await queues.redis.config('SET', 'maxmemory', '0');
  await untilTaken(receiver);
});

test('a Redis that goes on with its disk full: deliveries are refused, /readyz names the disk, and they are taken again when there is room', async () => {
  // With `appendfsync always`, as Bough's own, it ends instead.
  await using redis = await createTestRedis({ started: false, settings: ['--appendfsync', 'everysec'] });
  const folder = dirname(redis.socket);
  await using disk = new AsyncDisposableStack();
  disk.defer(async () => await unmountSmallDisk(folder));
  await mountSmallDisk(folder, 16);
  await redis.start();
  await using receiver = await startReceiver(redis.url);
  await untilTaken(receiver);

  const load = startLoad(receiver);
  await load.taken(40);
  await fillDisk(folder, async () => {
    await load.refused(20);
    await assertNotReady(receiver, /the last write to the append-only file failed: is the disk full\?/);
  });
  await load.taken(20);
  const answers = await load.stop();

  assertPrompt(answers);
  assert.ok(receiver.log.some(({ failure }) => String(failure).includes('it refuses: MISCONF')));
  await assertAllKept(redis, answers);
});

test('a Redis that may drop jobs, or does not keep them, is not ready, and each reason is named', async () => {
  await using redis = await createTestRedis({ settings: ['--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no'] });
  await using receiver = await startReceiver(redis.url);

  await until('the connection is there', async () => !(await readReadiness(receiver)).reason.includes('not connected'));
  const { status, reason } = await readReadiness(receiver);

  assert.equal(status, 503);
  assert.match(reason, /maxmemory-policy is allkeys-lru/);
  assert.match(reason, /appendonly is off/);
});

test('SIGTERM ends it with 0 while deliveries come in, and each one answered 202 is kept', async () => {
  await using redis = await createTestRedis();
  await using receiver = await startReceiver(redis.url);
  await untilTaken(receiver);

  const load = startLoad(receiver);
  await load.answered(40);
  const start = performance.now();
  const code = await receiver.stop();
  const answers = await load.stop();

  assert.equal(code, 0);
  assert.ok(performance.now() - start < 5_000);
  await assertAllKept(redis, answers);
});

test('SIGTERM ends it with 0 while Redis is down', async () => {
  await using redis = await createTestRedis({ started: false });
  await using receiver = await startReceiver(redis.url);

  await assertNotReady(receiver, /not connected/); // it has started whole: what follows is its end alone
  const start = performance.now();
  assert.equal(await receiver.stop(), 0);
  assert.ok(performance.now() - start < 1_000);
});

/** One delivery from a process of its own, and how long that waited: this one is busy with its load. */
async function deliverByCurl({ url }: TestReceiver, delivery: string): Promise<{ status: number; ms: number }> {
  const body = JSON.stringify(push(delivery));
  const headers = [
    'content-type: application/json',
    'x-github-event: push',
    `x-github-delivery: ${delivery}`,
    `x-hub-signature-256: ${sign(secrets[0], body)}`,
  ].flatMap((header) => ['--header', header]);
  const { stdout } = await execa(
    'curl',
    [
      '--silent',
      '--output',
      '/dev/null',
      '--write-out',
      '%{http_code} %{time_total}',
      ...headers,
      '--data-binary',
      '@-',
      `${url}/webhooks/demo`,
    ],
    { input: body },
  );
  const [status, seconds] = stdout.split(' ').map(Number);
  return { status: status ?? Number.NaN, ms: (seconds ?? Number.NaN) * 1_000 };
}

/** Deliveries of ever new branches, eight at a time, until stopped. What fails to connect is no answer. */
function startLoad(receiver: TestReceiver) {
  const answers: TakenAnswer[] = [];
  const stopping = new AbortController();
  let count = 0;

  const senders = Array.from({ length: 8 }, async () => {
    while (!stopping.signal.aborted) {
      count += 1;
      const answer = await receiver.deliver(push(`branch-${count}`)).catch(() => null);
      if (answer !== null) answers.push(answer);
      await sleep(5);
    }
  });
  const more = async (what: string, ask: (answer: TakenAnswer) => boolean, howMany: number): Promise<void> => {
    const from = answers.length;
    await until(`${howMany} more deliveries are ${what}`, () => answers.slice(from).filter(ask).length >= howMany);
  };
  return {
    answered: (howMany: number) => more('answered', () => true, howMany),
    taken: (howMany: number) => more('taken', ({ status }) => status === 202, howMany),
    refused: (howMany: number) => more('refused', ({ status }) => status === 503, howMany),
    async stop(): Promise<TakenAnswer[]> {
      stopping.abort();
      await Promise.all(senders);
      return answers;
    },
  };
}

async function untilTaken(receiver: TestReceiver): Promise<void> {
  await until('a delivery is taken', async () => (await receiver.deliver(push('probe'))).status === 202);
}

async function assertAllKept(redis: TestRedis, answers: readonly TakenAnswer[]): Promise<void> {
  await using queues = await openQueues(redis.url);
  const promised = answers.flatMap(({ status, body }) => (status === 202 && body.job !== undefined ? [body.job] : []));
  const jobs = await Promise.all(promised.map((id) => queues.build.getJob(id)));

  assert.ok(promised.length >= 40, `only ${promised.length} were taken`);
  assert.equal(jobs.filter((job) => job === undefined).length, 0);
  const waiting = await queues.build.getJobCounts();
  assert.ok(Object.values(waiting).reduce((sum, count) => sum + count, 0) >= promised.length, JSON.stringify(waiting));
}

function assertPrompt(answers: readonly TakenAnswer[]): void {
  for (const answer of answers) {
    assert.ok(answer.ms <= slowestMs, `${answer.status} after ${answer.ms} ms`);
    if (answer.status !== 202) assertRefused(answer);
  }
}

function assertRefused(answer: TakenAnswer): void {
  assert.equal(answer.status, 503, JSON.stringify(answer.body));
  assert.equal(answer.body.outcome, 'unavailable');
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
  assert.ok(answer.ms <= slowestMs, `${answer.ms} ms`);
}

async function assertNotReady(receiver: TestReceiver, reason: RegExp): Promise<void> {
  const readiness = await readReadiness(receiver);
  assert.equal(readiness.status, 503);
  assert.match(readiness.reason, reason);
}

async function readReadiness(receiver: TestReceiver): Promise<{ status: number; reason: string }> {
  const response = await fetch(`${receiver.url}/readyz`);
  return { status: response.status, reason: JSON.stringify(await response.json()) };
}

function summaryOf(answers: readonly TakenAnswer[]): string {
  const taken = answers.filter(({ status }) => status === 202).length;
  const slowest = Math.max(...answers.map(({ ms }) => ms));
  return `${answers.length} deliveries, ${taken} taken, slowest answer ${Math.round(slowest)} ms`;
}
