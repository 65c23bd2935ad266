import assert from 'node:assert/strict';
import test from 'node:test';
import { appRoutes } from '@bull-board/api/dist/routes.js';
import { boardRefusal, retryRefusal } from './refusal.ts';

const actions = appRoutes.api.flatMap(({ method, route }) =>
  [method].flat().flatMap((verb) => [route].flat().map((path) => ({ method: verb, path }))),
);

test('of all the actions Bull Board has, only reading, retrying one job and promoting one job are allowed', () => {
  const allowed = actions.filter(({ method, path }) => boardRefusal(method, path) === null);

  assert.deepEqual(
    allowed.filter(({ method }) => method !== 'get').map(({ method, path }) => `${method} ${path}`),
    ['put /api/queues/:queueName/:jobId/retry', 'put /api/queues/:queueName/:jobId/promote'],
  );
  assert.ok(actions.length > 30, `only ${actions.length} actions were found`);
});

test('a method nobody has heard of is refused', () => {
  assert.match(boardRefusal('purge', '/api/queues') ?? '', /Bough allows/);
});

test('what a person asked for is run again where it failed, and other jobs always', () => {
  const retry = '/api/queues/:queueName/:jobId/retry';

  for (const state of ['completed', 'active', 'waiting', 'unknown'])
    assert.match(retryRefusal(retry, 'operate', state) ?? '', /ask anew/);
  assert.equal(retryRefusal(retry, 'operate', 'failed'), null);
  assert.equal(retryRefusal(retry, 'build', 'completed'), null);
  assert.equal(retryRefusal('/api/queues/:queueName/:jobId/promote', 'operate', 'delayed'), null);
});
