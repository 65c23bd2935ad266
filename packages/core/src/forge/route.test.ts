import assert from 'node:assert/strict';
import test from 'node:test';
import { routeEvent } from './route.ts';

const push = { kind: 'push', branch: 'x', commit: 'c'.repeat(40), change: 'updated', message: 'A change' } as const;

test('a push leads to a build, with its commit as a hint', () => {
  assert.deepEqual(routeEvent(push), { to: 'build', branch: 'x', seen: push.commit });
});

test('a push that asks not to be built leads nowhere', () => {
  assert.equal(routeEvent({ ...push, message: '[skip ci]' }).to, 'none');
});

test('a deletion leads to a sweep, which looks for itself', () => {
  assert.deepEqual(routeEvent({ kind: 'delete', branch: 'x' }), { to: 'sweep' });
});

test('what is ignored keeps its reason, and a ping gets one', () => {
  assert.deepEqual(routeEvent({ kind: 'ignored', reason: 'a tag' }), { to: 'none', reason: 'a tag' });
  assert.deepEqual(routeEvent({ kind: 'ping' }), { to: 'none', reason: 'the webhook is set up' });
});
