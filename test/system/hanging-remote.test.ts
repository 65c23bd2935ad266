// One Debian is enough: the queue decides; what git and systemd do of it is in `mirror.test.ts` and `push.test.ts`.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { type SilentServer, startSilentServer } from '../support/silent-server.ts';
import { until } from '../support/until.ts';

let forge: SilentServer;
let bough: Installation;
before(async () => {
  forge = await startSilentServer();
  const remote = `git://127.0.0.1:${forge.port}/hung.git`;
  bough = await install({
    sweepIntervalSec: 1,
    projects: { hung: { remote, url: 'http://hung.localhost:8080' } },
  });
});
after(async () => {
  await bough[Symbol.asyncDispose]();
  await forge[Symbol.asyncDispose]();
});

test('while the remote of one project hangs, what is pushed to another goes live, told or not, and what is deleted goes', async () => {
  await until('the remote hangs', () => forge.connections.length > 0);
  const sweepsDue = async () => (await bough.sweeps.getJobScheduler('sweep'))?.iterationCount ?? 0;
  await until('several sweeps have begun', async () => (await sweepsDue()) > 4, 60_000);

  await bough.push('main', appFiles({ text: 'told' }));
  await bough.untilServes('main', 'told');
  await bough.repository.commit('quiet', appFiles({ text: 'untold' }));
  await bough.untilServes('quiet', 'untold');
  await bough.remove('quiet');
  await until('it is gone', () => !existsSync(`${bough.layout.deployments}/demo/quiet`), 30_000);

  assert.equal((await get('/quiet/')).status, 404);
  assert.ok(
    forge.connections.some(({ closed }) => !closed),
    'the remote hangs still',
  );
});
