import assert from 'node:assert/strict';
import test from 'node:test';
import { openQueues } from '../support/queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { createTestRedis } from '../support/redis.ts';
import { storm, stormProblems } from '../support/storm.ts';

test('a burst of deliveries while Redis is killed twice: none is acknowledged and lost, each refusal comes within about a second', async (t) => {
  await using redis = await createTestRedis();
  await using receiver = await startReceiver(redis.url);
  await using queues = await openQueues(redis.url);

  const size = { deliveries: 1_000, kills: 2 };
  const end = await storm({ receiver, redis, queues, ...size });

  t.diagnostic(JSON.stringify(end));
  assert.deepEqual(stormProblems(end, size), []);
});
