// One Debian is enough: the queue decides, which is Node's and Redis's; `worker-redis.test.ts` tries both of these.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queue } from 'bullmq';
import { until } from '../support/until.ts';
import { commit, shellTest } from '../support/worker-shell/shell-test.ts';
import { eventsOf, planBranch, type ShellOptions } from '../support/worker-shell/start-shell.ts';

test('a failed build is red with its class and last lines, is not tried again, and a retry is known to be a person’s', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 20, fail: 'BUILD_FAILED' });
  shell.start();
  const { job } = await shell.push('main');
  await until('it fails', async () => (await shell.state(job)) === 'failed');
  const failed = await shell.queues.build.getJob(job);
  assert.equal(failed?.failedReason, 'BUILD_FAILED: main cannot be built\n\nits last line');
  assert.equal(failed.stacktrace?.at(-1), failed.failedReason);
  assert.equal(failed.attemptsMade, 1);

  planBranch(shell.options, 'main', { head: commit(1), ms: 20 });
  await failed.retry('failed');
  await until('it succeeds', async () => (await shell.state(job)) === 'completed');

  assert.deepEqual(agains(shell.options), [false, true]);
  const { logs } = await shell.queues.build.getJobLogs(job);
  assert.match(
    logs.join('\n'),
    /start 1, attempt 1, asked by sweep.*[^]*failed: BUILD_FAILED[^]*start 2, attempt 2, asked by a person/,
  );
});

test('a retry that counts the attempts anew, as a redelivery does, is a person’s too', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 20, fail: 'BUILD_FAILED' });
  shell.start();
  const { job } = await shell.push('main');
  await until('it fails', async () => (await shell.state(job)) === 'failed');

  await (await shell.queues.build.getJob(job))?.retry('failed', {
    resetAttemptsMade: true,
    resetAttemptsStarted: true,
  });

  await until('it ran again', () => agains(shell.options).length === 2);
  assert.deepEqual(agains(shell.options), [false, true]);
});

test('an automatic retry is not a person’s, unless it follows a person’s; a restart in between changes neither', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 20, fail: 'SOURCE_FETCH' });
  const first = shell.start();
  const { job } = await shell.push('main');
  await until('it waits for its second attempt', async () => (await shell.state(job)) === 'delayed');
  planBranch(shell.options, 'main', { head: commit(1), ms: 60_000 });
  await (await shell.queues.build.getJob(job))?.promote();
  await until('it ran again', () => agains(shell.options).length === 2);
  await first.terminate();
  planBranch(shell.options, 'main', { head: commit(1), ms: 20, fail: 'BUILD_FAILED' });
  shell.start();
  await until('it fails', async () => (await shell.state(job)) === 'failed');
  assert.deepEqual(agains(shell.options), [false, false, false]);

  planBranch(shell.options, 'main', { head: commit(1), ms: 20, fail: 'SOURCE_FETCH' });
  await (await shell.queues.build.getJob(job))?.retry('failed');
  await until('it waits for another attempt', async () => (await shell.state(job)) === 'delayed');
  await (await shell.queues.build.getJob(job))?.promote();
  await until('it ran again', () => agains(shell.options).length === 5);
  assert.deepEqual(agains(shell.options).slice(3), [true, true]);
});

test('a push to a branch whose job waits for its next attempt is looked at now', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 20, fail: 'SOURCE_FETCH' });
  shell.start();
  const { job } = await shell.push('main');
  await until('it waits for its second attempt', async () => (await shell.state(job)) === 'delayed');

  planBranch(shell.options, 'main', { head: commit(2), ms: 20 });
  const joined = await shell.push('main');

  assert.deepEqual([joined.job, joined.outcome], [job, 'joined']);
  await until('it succeeds', async () => (await shell.state(job)) === 'completed', 5_000);
  assert.equal(eventsOf(shell.options).at(-1)?.commit, commit(2));
});

test('a job that is none of ours fails at once and keeps nothing else from running', async (t) => {
  const shell = await shellTest(t);
  planBranch(shell.options, 'main', { head: commit(1), ms: 20 });
  shell.start();
  // What a person could add through another board.
  const foreign: { build: Queue; reconcile: Queue } = shell.queues;
  const strange = await foreign.build.add('build', { project: 'demo', branch: 7 }, { attempts: 4 });
  const other = await foreign.reconcile.add('reboot', { project: 'demo' }, { attempts: 4 });
  const { job } = await shell.push('main');

  await until('ours is done', async () => (await shell.state(job)) === 'completed');
  await until('the other failed', async () => (await shell.queues.reconcile.getJobState(other.id ?? '')) === 'failed');
  const failed = await shell.queues.build.getJob(strange.id ?? '');
  assert.match(failed?.failedReason ?? '', /^JOB_INVALID: .*branch/);
  assert.equal(failed?.attemptsMade, 1);
});

/** For each build that began, whether a person had asked for it. */
function agains(options: ShellOptions): (boolean | undefined)[] {
  return eventsOf(options)
    .filter(({ type }) => type === 'build')
    .map(({ again }) => again);
}
