// One Debian is enough: the queue decides; what git and systemd do of it is in `mirror.test.ts` and `push.test.ts`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { slugOf } from '@bough/host/slug.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { findLeftovers } from '../chaos/leftovers.ts';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const services = ['bough-receiver.service', 'bough-worker.service', 'bough-redis.service'];
const deleted = ['gone-a', 'gone-b', 'gone-c', 'Gone/C', 'gone-d'];

let bough: Installation;
before(async () => {
  bough = await install();
  for (const branch of ['main', 'changed']) await bough.push(branch, appFiles({ text: `old ${branch}` }));
  for (const branch of deleted) await bough.push(branch, appFiles({ text: 'old deleted' })); // built once
  for (const branch of ['main', 'changed']) await bough.untilServes(branch, `old ${branch}`);
  for (const branch of deleted) await bough.untilServes(branch, 'old deleted');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

/** Those that have ended. Nobody asks for one here. */
const sweepsSince = async (time: number) =>
  (await bough.sweeps.getJobs(['completed', 'failed'])).filter(({ processedOn = 0 }) => processedOn >= time);

test('after 100 pushes and deletes made while everything was down one sweep makes it right', async (t) => {
  await systemctl('stop', ...services);
  const { repository } = bough;
  const heads = new Map([['main', 'old main']]);
  for (const branch of deleted) await repository.remove(branch);
  for (let count = 1; count <= 90 - deleted.length; count++) {
    // Most of it is passing: quick commits, force-pushed over each other, and taken away again.
    const branch = `b${count % 8}`;
    if (count % 5 === 0) await repository.remove(`b${(count - 3) % 8}`);
    else {
      const commit = await repository.git('commit-tree', '-m', String(count), 'HEAD^{tree}');
      await repository.git('push', '--quiet', '--force', 'origin', `${commit}:refs/heads/${branch}`);
    }
  }
  for (let count = 0; count < 10; count++) {
    const branch = count === 0 ? 'changed' : `b${count % 8}`;
    await repository.commit(branch, appFiles({ text: `push ${count}` }));
    heads.set(branch, `push ${count}`);
  }
  for (const branch of deleted)
    assert.match((await get(`/${slugOf(branch)}/`)).body, /old deleted/, 'what was live goes on');
  const from = Date.now();

  await systemctl('start', ...services);
  await until('a sweep was done', async () => (await sweepsSince(from)).length > 0);
  await bough.untilIdle();

  t.diagnostic(`${heads.size} branches were right ${Date.now() - from} ms after the start`);
  assert.equal((await sweepsSince(from)).length, 1, 'the one of the start of the worker');
  for (const [branch, text] of heads)
    assert.match((await get(`/${branch}/`)).body, new RegExp(`^${text} from`), branch);
  for (const branch of deleted) assert.equal((await get(`/${slugOf(branch)}/`)).status, 404, branch);
  assert.deepEqual(await findLeftovers(bough, createDeploymentStore(bough.layout), [...heads.keys()]), []);
});
