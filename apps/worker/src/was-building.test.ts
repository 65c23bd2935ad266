import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import { createRunningBuild } from './running-build.ts';
import { createWasBuilding } from './was-building.ts';

const id = { project: 'demo', slug: 'main' };
const commit = 'c'.repeat(40);

function setUp(waitMs?: number) {
  const running = createRunningBuild();
  const actions = createActions();
  const begin = () => running.begin({ ...id, branch: 'main', jobId: '1', began: 0 });
  const stop = new AbortController();
  const ask = createWasBuilding(running, actions, waitMs);
  const wasBuilding = (of: DeploymentId, at: string, since: number) => ask(of, at, since, stop.signal);
  return { running, actions, begin, stop, wasBuilding };
}

test('a build that has not found its head yet is waited for, and the wait is named', async () => {
  const { running, actions, begin, wasBuilding } = setUp();
  begin();
  const was = wasBuilding(id, commit, performance.now());
  const other = wasBuilding(id, 'd'.repeat(40), performance.now());
  assert.equal(await wasBuilding({ ...id, slug: 'other' }, commit, 0), false);
  assert.match(actions.list()[0]?.what ?? '', /^waiting for the head .* demo--main finds$/);

  running.setCommit(commit);

  assert.deepEqual([await was, await other], [true, false]);
  assert.deepEqual(actions.list(), []);
});

test('one that does not find it in time, or ends without it, is none', async () => {
  const { running, begin, wasBuilding } = setUp(20);
  begin();
  assert.equal(await wasBuilding(id, commit, 0), false);
  const { running: ending, begin: again, wasBuilding: was } = setUp();
  again();
  const asked = was(id, commit, 0);
  ending.end();
  assert.equal(await asked, false);
  assert.notEqual(running.untilCommitOf(id), null);
});

test('one that has ended since counts, one that ended before or was stopped does not', async () => {
  const { running, begin, wasBuilding } = setUp();
  const before = performance.now();
  begin();
  running.setCommit(commit);
  running.end();
  assert.equal(await wasBuilding(id, commit, before), true);
  assert.equal(await wasBuilding(id, commit, performance.now()), false);
  const { running: stopped, begin: again, wasBuilding: was } = setUp();
  const since = performance.now();
  again();
  stopped.setCommit(commit);
  stopped.cancel({ kind: 'shutdown' });
  stopped.end();
  assert.equal(await was(id, commit, since), false);
});

test('a worker that stops waits no longer, and asks for nothing', async () => {
  const { running, actions, begin, stop, wasBuilding } = setUp();
  begin();
  const asked = wasBuilding(id, commit, 0);
  stop.abort(new Error('it stops'));
  running.end();

  await assert.rejects(asked, /abort|stops/i);
  assert.deepEqual(actions.list(), []);
});
