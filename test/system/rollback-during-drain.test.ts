// One Debian is enough: what waits for what is Bough's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install({ reconcile: { settleSec: 0.5, drainSec: 60 } });
  await bough.push('main', appFiles({ text: 'good' }));
  await bough.untilServes('main', 'good');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

test('a rollback in the middle of the drain is answered at once: the old release runs still', async (t) => {
  await bough.push('main', appFiles({ text: 'bad' }));
  await bough.untilServes('main', 'bad');

  const { code, stderr, ms } = await run(['rollback', 'demo', 'main']);

  assert.equal(code, 0, stderr);
  assert.match((await get('/main/')).body, /good from release 1/);
  t.diagnostic(`answered after ${ms} ms`);
  assert.ok(ms < 5_000, `it took ${ms} ms`);
});

test('a rollback while a newer release is being verified does not wait for its deadline', async (t) => {
  await bough.push('fresh', appFiles({ text: 'fine' }));
  await bough.untilServes('fresh', 'fine');
  await bough.push('fresh', appFiles({ text: 'hangs', server: 'setInterval(() => undefined, 1000);' }));
  await until(
    'release 2 is recorded',
    async () => JSON.parse((await run(['releases', 'demo', 'fresh', '--json'])).stdout).length === 2,
    30_000,
  );

  const { code, stderr, ms } = await run(['rollback', 'demo', 'fresh', '1']);

  assert.equal(code, 0, stderr);
  assert.match((await get('/fresh/')).body, /fine from release 1/);
  t.diagnostic(`answered after ${ms} ms`);
  assert.ok(ms < 5_000, `it took ${ms} ms`);
});
