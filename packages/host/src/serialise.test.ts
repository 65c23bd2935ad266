import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createActions } from './progress/actions.ts';
import { createSerialise } from './serialise.ts';

test('whoever waits for its turn is noted with what it waits for, until it is its turn', async () => {
  const actions = createActions();
  const serialise = createSerialise(actions, (key) => `whoever works on ${key}`);
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const noted = () => actions.list().map(({ what }) => what);

  const ahead = serialise('x', () => first.promise);
  const behind = serialise('x', () => second.promise);
  const apart = serialise('y', async () => undefined);
  assert.deepEqual(noted(), ['waiting for whoever works on x']);
  assert.deepEqual([serialise.isBusy('x'), serialise.isBusy('z')], [true, false]);

  first.reject(new Error('it fails'));
  await assert.rejects(ahead);
  await apart;
  assert.deepEqual(noted(), []);
  second.resolve();
  await behind;
  assert.deepEqual([serialise.isBusy('x'), serialise.isBusy('y')], [false, false]);
});

test('a wait for work that may itself wait for Redis is not judged by the time in which Redis was away', async () => {
  const actions = createActions();
  const serialise = createSerialise(actions, undefined, { needsRedis: true });
  const first = Promise.withResolvers<void>();

  const all = [serialise('x', () => first.promise), serialise('x', async () => undefined)];

  assert.deepEqual(
    actions.list().map(({ what, needsRedis }) => [what, needsRedis]),
    [['waiting for x', true]],
  );
  first.resolve();
  await Promise.all(all);
});
