// One Debian is enough: the queue decides; what git and systemd do of it is in `mirror.test.ts` and `push.test.ts`.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { appFiles, buildRuns } from '../support/app-files.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install({ sweepIntervalSec: 1 }, { webhookSecretFiles: [] });
});
after(async () => await bough[Symbol.asyncDispose]());

test('without a webhook what is pushed goes live, what is pushed again replaces it, and what is deleted goes', async () => {
  const { repository } = bough;
  assert.equal((await fetch('http://127.0.0.1:9010/webhooks/demo', { method: 'POST' })).status, 404);

  await repository.commit('main', appFiles({ text: 'production' }));
  await repository.commit('quiet', appFiles({ text: 'first' }));
  await bough.untilServes('main', 'production');
  await bough.untilServes('quiet', 'first');
  await repository.commit('quiet', appFiles({ text: 'second' }));
  await bough.untilServes('quiet', 'second');
  await repository.remove('quiet');

  await until('nothing is left of it', () => !existsSync(`${bough.layout.deployments}/demo/quiet`), 30_000);
  assert.equal((await get('/quiet/')).status, 404);
});

test('the pull request of a fork is not built, and is once somebody who may push made a branch of it', async () => {
  const { repository } = bough;
  await repository.git(
    'tag',
    '--force',
    'origin-files',
    await repository.commit('main', appFiles({ text: 'from a fork' })),
  );
  await bough.untilServes('main', 'from a fork');
  // Its commit has been on no branch: only the forge's own ref leads to it.
  const tree = await repository.git('rev-parse', 'origin-files^{tree}');
  const commit = await repository.git('commit-tree', tree, '-p', 'origin-files', '-m', 'From a fork');
  const runs = (await buildRuns()).length;

  await repository.git('push', '--quiet', 'origin', `${commit}:refs/pull/7/head`);
  await bough.sweep();

  assert.equal((await buildRuns()).length, runs);
  assert.equal(existsSync(`${bough.layout.deployments}/demo/7`), false);

  await repository.git('fetch', '--quiet', 'origin', 'refs/pull/7/head');
  await repository.git('push', '--quiet', 'origin', 'FETCH_HEAD:refs/heads/pull-7');
  await bough.untilServes('pull-7', 'from a fork');
});
