// One Debian is enough: the queue decides; what git and systemd do of it is in `mirror.test.ts` and `push.test.ts`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { findLeftovers } from '../chaos/leftovers.ts';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';

const services = ['bough-receiver.service', 'bough-worker.service', 'bough-redis.service'];

let bough: Installation;
before(async () => {
  bough = await install();
  for (const branch of ['main', 'changed', 'deleted']) await bough.push(branch, appFiles({ text: `old ${branch}` }));
  for (const branch of ['main', 'changed', 'deleted']) await bough.untilServes(branch, `old ${branch}`);
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

test('after 100 pushes and deletes made while everything was down one sweep makes it right', async (t) => {
  await systemctl('stop', ...services);
  const { repository } = bough;
  const heads = new Map([['main', 'old main']]);
  await repository.remove('deleted');
  for (let count = 1; count < 90; count++) {
    // Most of it is passing: quick commits, force-pushed over each other, and taken away again.
    const branch = `b${count % 8}`;
    if (count % 5 === 0) await repository.git('push', '--quiet', 'origin', `:refs/heads/${branch}`).catch(() => '');
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
  assert.match((await get('/deleted/')).body, /old deleted/, 'what was live goes on');
  const from = performance.now();

  await systemctl('start', ...services);
  await bough.sweep();

  t.diagnostic(`${heads.size} branches were right ${Math.round(performance.now() - from)} ms after the start`);
  for (const [branch, text] of heads)
    assert.match((await get(`/${branch}/`)).body, new RegExp(`^${text} from`), branch);
  assert.equal((await get('/deleted/')).status, 404);
  assert.deepEqual(await findLeftovers(bough, createDeploymentStore(bough.layout), [...heads.keys()]), []);
});
