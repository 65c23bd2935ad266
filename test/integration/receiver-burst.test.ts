import assert from 'node:assert/strict';
import test from 'node:test';
import { openQueues } from '../support/queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { createTestRedis } from '../support/redis.ts';
import { storm } from '../support/storm.ts';

test('a burst of deliveries while Redis is killed twice: none is acknowledged and lost, each refusal comes within about a second', async (t) => {
  await using redis = await createTestRedis();
  await using receiver = await startReceiver(redis.url);
  await using queues = await openQueues(redis.url);

  const end = await storm({ receiver, redis, queues, deliveries: 1_000, kills: 2 });

  t.diagnostic(JSON.stringify(end));
  assert.equal(end.acknowledged, 1_000);
  assert.equal(end.lost, 0);
  assert.equal(end.jobs, 1_000);
  assert.equal(end.odd, 0);
  assert.ok(end.refused >= 40);
  assert.ok(end.slowestRefusalMs <= 1_100, `${end.slowestRefusalMs} ms`);
  assert.ok(end.residentMiB <= 250, `${end.residentMiB} MiB`);
});
