import assert from 'node:assert/strict';
import test from 'node:test';
import { routeEvent } from './route.ts';

const all = { production: 'main', include: ['**'], exclude: [], paths: [] };
const push = {
  kind: 'push',
  branch: 'x',
  commit: 'c'.repeat(40),
  change: 'updated',
  message: 'A change',
  files: () => ({ paths: ['docs/a.md'] }),
} as const;

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

test('a push that touches none of the files a project builds for leads nowhere, and one that touches some to a build', () => {
  assert.deepEqual(routeEvent(push, { ...all, paths: ['src/**', 'flake.*'] }), {
    to: 'none',
    reason: 'it touches no file that matches src/** or flake.*',
  });
  assert.deepEqual(routeEvent(push, { ...all, paths: ['src/**', '**/*.md'] }), {
    to: 'build',
    branch: 'x',
    seen: push.commit,
  });
});

test('which files a push touched is not found out for a project that builds for any', () => {
  const files = () => assert.fail('it was found out');

  assert.equal(routeEvent({ ...push, files }, all).to, 'build');
  assert.equal(routeEvent({ ...push, files, message: '[skip ci]' }, { ...all, paths: ['src/**'] }).to, 'none');
});

test('where nothing proves which files a push touched, it leads to a build that says why', () => {
  const event = { ...push, files: () => ({ unproven: 'a forced push may have dropped commits' }) };

  assert.deepEqual(routeEvent(event, { ...all, paths: ['src/**'] }), {
    to: 'build',
    branch: 'x',
    seen: push.commit,
    note: 'the path filter is left to the build: a forced push may have dropped commits',
  });
  assert.equal('note' in routeEvent(event, all), false);
});

test('a push that asks by an option not to be built leads to a job that notes it', () => {
  const skip = 'the push option ci.skip asks not to build it';

  assert.deepEqual(routeEvent({ ...push, skip }, all), {
    to: 'build',
    branch: 'x',
    seen: push.commit,
    skip,
    note: skip,
  });
});
