import assert from 'node:assert/strict';
import test from 'node:test';
import { routeEvent } from './route.ts';

const all = { production: 'main', include: ['**'], exclude: [] };
const push = { kind: 'push', branch: 'x', commit: 'c'.repeat(40), change: 'updated', message: 'A change' } as const;

test('a push leads to a build, with its commit as a hint', () => {
  assert.deepEqual(routeEvent(push, all), { to: 'build', branch: 'x', seen: push.commit });
});

test('a push that asks not to be built leads nowhere', () => {
  assert.equal(routeEvent({ ...push, message: '[skip ci]' }, all).to, 'none');
});

test('a deletion leads to a sweep, which looks for itself', () => {
  assert.deepEqual(routeEvent({ kind: 'delete', branch: 'x' }, all), { to: 'sweep' });
});

test('what is ignored keeps its reason, and a ping gets one', () => {
  assert.deepEqual(routeEvent({ kind: 'ignored', reason: 'a tag' }, all), { to: 'none', reason: 'a tag' });
  assert.deepEqual(routeEvent({ kind: 'ping' }, all), { to: 'none', reason: 'the webhook is set up' });
});

test('a push to a branch the project excludes leads nowhere, and its deletion to a sweep as ever', () => {
  const filter = { ...all, exclude: ['x'] };

  assert.deepEqual(routeEvent(push, filter), {
    to: 'none',
    reason: 'the project excludes branches that match x',
  });
  assert.equal(routeEvent({ kind: 'delete', branch: 'x' }, filter).to, 'sweep');
});
