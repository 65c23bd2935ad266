// One Debian is enough: who is built when is decided by Bough, and told by git's own hook.
import assert from 'node:assert/strict';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { appFiles, buildRuns } from '../support/app-files.ts';
import { type Installation, install } from '../support/installation.ts';
import { record } from '../support/limits.ts';
import { until } from '../support/until.ts';

const hook = join(import.meta.dirname, '../../packages/host/hook/post-receive');
let bough: Installation;
before(async () => {
  bough = await install({}, { forge: 'git' });
  const installed = join(bough.repository.remote, 'hooks/post-receive');
  await copyFile(hook, installed);
  await chmod(installed, 0o755);
  await bough.repository.gitAtForge('config', 'receive.advertisePushOptions', 'true');
  await bough.repository.gitAtForge('config', 'bough.url', 'http://127.0.0.1:9010/webhooks/demo');
  await bough.repository.gitAtForge('config', 'bough.secretFile', '/etc/bough/webhook-secret');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const mayEnd = (text: string) => `/srv/bough-test/may-end-${text}`;
const letEnd = async (text: string) => await writeFile(mayEnd(text), '');
const slow = (text: string) => appFiles({ text, build: `while ! [ -e ${mayEnd(text)} ]; do sleep 0.05; done` });
const isBuilding = (text: string) =>
  until(`${text} is being built`, async () => (await buildRuns()).some((each) => each.text === text), 30_000);

/** Waits until the worker has fetched a commit, to see what it is. */
const isLookedAt = async (commit: string) =>
  await until('the worker looks at it', () => bough.repository.isIn(bough.layout.mirror('demo'), commit), 30_000);

async function askSweep(): Promise<void> {
  const { id = '' } = await bough.sweeps.add('sweep', { asked: { by: 'person' } });
  await until('the sweep is done', async () => (await bough.sweeps.getJobState(id)) === 'completed', 30_000);
}

test('a release bot pushes what is not to be built on what is being built: that goes live, and its record says the rest', async () => {
  await bough.repository.commit('main', appFiles({ text: 'one' }));
  await bough.untilServes('main', 'one from release 1');
  await bough.repository.commit('main', slow('two'));
  await isBuilding('two');

  const bots = await bough.repository.commit('main', appFiles({ text: 'bot' }), 'chore(release) [skip ci]');
  for (const _ of [1, 2]) await askSweep();
  await isLookedAt(bots);
  await askSweep();
  await letEnd('two');

  await bough.untilServes('main', 'two from release 2');
  await bough.untilIdle();
  const { desired, lastSeq, head } = await record(bough, 'main');
  assert.deepEqual([desired, lastSeq, head?.outcome, head?.commit], [2, 2, 'skipped', bots]);
});

test('so does one that is pushed with the option ci.skip, on a new branch', async () => {
  const [wanted = '', unwanted = ''] = await bough.repository.prepare([slow('wanted'), appFiles({ text: 'unwanted' })]);
  await bough.repository.git('push', 'origin', `${wanted}:refs/heads/option`);
  await isBuilding('wanted');

  await bough.repository.git('push', '-o', 'ci.skip', 'origin', `${unwanted}:refs/heads/option`);
  await isLookedAt(unwanted);
  await askSweep();
  await letEnd('wanted');

  await bough.untilServes('option', 'wanted from release 1');
  await bough.untilIdle();
  const { head } = await record(bough, 'option');
  assert.deepEqual([head?.outcome, head?.commit], ['skipped', unwanted]);
});

test('what waits to be built when that is pushed is built with it', async () => {
  await bough.repository.commit('main', slow('three'));
  await isBuilding('three');
  const [waits = '', last = ''] = await bough.repository.prepare([
    appFiles({ text: 'waits' }),
    appFiles({ text: 'last' }),
  ]);
  await bough.repository.commit('message', appFiles({ text: 'waits too' }));
  const lastOfMessage = await bough.repository.commit('message', appFiles({ text: 'last too' }), 'words [skip ci]');
  await bough.repository.git('push', 'origin', `${waits}:refs/heads/queued`);
  await bough.repository.git('push', '-o', 'ci.skip', 'origin', `${last}:refs/heads/queued`);
  await askSweep();
  await letEnd('three');

  await bough.untilServes('message', 'last too from release 1');
  await bough.untilServes('queued', 'last from release 1');
  await bough.untilIdle();
  assert.equal((await record(bough, 'message')).head?.commit, lastOfMessage);
  assert.equal((await record(bough, 'queued')).head?.commit, last);
});
