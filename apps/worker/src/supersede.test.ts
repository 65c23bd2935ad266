import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { cancelReason } from './cancelled.ts';
import { createRunningBuild } from './running-build.ts';
import { createSupersede, type SupersedeHost } from './supersede.ts';

function setUp(headOf: SupersedeHost['headOf'], whyGoesOn: SupersedeHost['whyGoesOn'] = async () => null) {
  const running = createRunningBuild();
  const supersede = createSupersede({ running, headOf, whyGoesOn, log: pino({ level: 'silent' }) });
  const signal = running.begin({ project: 'demo', slug: 'main', branch: 'main', jobId: '1', began: 0 });
  return { running, supersede, signal };
}

test('a push that comes before the commit is known is looked at as soon as it is', async () => {
  const { running, supersede, signal } = setUp(async () => 'new');

  await supersede.pushed();
  assert.equal(signal.aborted, false);
  running.setCommit('old');
  await supersede.commitKnown();

  assert.deepEqual(cancelReason(signal), { kind: 'superseded', by: 'new' });
});

test('any number of pushes during one look cost one more look', async () => {
  let looks = 0;
  const { promise: slow, resolve } = Promise.withResolvers<string>();
  const { running, supersede, signal } = setUp(() => {
    looks += 1;
    return slow;
  });
  running.setCommit('same');

  const asked = [supersede.pushed(), supersede.pushed(), supersede.pushed(), supersede.pushed()];
  resolve('same');
  await Promise.all(asked);

  assert.equal(looks, 2);
  assert.equal(signal.aborted, false);
});

test('a forge that does not answer stops nothing, and the next push is looked at again', async () => {
  let fails = true;
  const { running, supersede, signal } = setUp(async () => {
    if (fails) throw new Error('no route');
    return null;
  });
  running.setCommit('old');

  await supersede.pushed();
  assert.equal(signal.aborted, false);
  fails = false;
  await supersede.pushed();

  assert.equal(cancelReason(signal)?.kind, 'gone');
});

test('a look that ends after its build has ended does not stop the next one', async () => {
  const { promise: slow, resolve } = Promise.withResolvers<string>();
  const { running, supersede } = setUp(() => slow);
  running.setCommit('old');

  const asked = supersede.pushed();
  running.end();
  const next = running.begin({ project: 'demo', slug: 'main', branch: 'main', jobId: '2', began: 0 });
  running.setCommit('old');
  resolve('new');
  await asked;

  assert.equal(next.aborted, false);
});

test('a forge that hangs keeps the look for no later build: that is stopped at once', async () => {
  const answers: Promise<string>[] = [new Promise(() => undefined), Promise.resolve('new')];
  const { running, supersede } = setUp(() => answers.shift() ?? Promise.resolve('new'));
  supersede.begin();
  running.setCommit('old');
  void supersede.pushed();
  supersede.end();
  running.end();

  supersede.begin();
  const next = running.begin({ project: 'other', slug: 'main', branch: 'main', jobId: '2', began: 0 });
  running.setCommit('old');
  await supersede.pushed();

  assert.deepEqual(cancelReason(next), { kind: 'superseded', by: 'new' });
});

test('a look is given up when its build ends', async () => {
  let given: AbortSignal | undefined;
  const { running, supersede } = setUp(async (_project, _branch, signal) => {
    given = signal;
    return await new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  running.setCommit('old');
  const asked = supersede.pushed();

  supersede.end();
  await asked;

  assert.equal(given?.aborted, true);
});

test('what is not to be built stops nothing, and what is pushed after it does', async () => {
  let why: string | null = 'its message says not to build it';
  const { running, supersede, signal } = setUp(
    async () => 'new',
    async () => why,
  );
  running.setCommit('old');

  await supersede.pushed();
  assert.equal(signal.aborted, false);
  why = null;
  await supersede.pushed();

  assert.deepEqual(cancelReason(signal), { kind: 'superseded', by: 'new' });
});
