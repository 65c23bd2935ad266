// One Debian is enough: what is written before what is Bough's alone.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { type Installation, install } from '../support/installation.ts';
import { killWorkerWhen, spareWorker, wireWorker } from '../support/worker-drop-in.ts';

const id = { project: 'demo', slug: 'main' };
const tokenFile = '/srv/bough-test/token';

let bough: Installation;
let wired: AsyncDisposable;
before(async () => {
  wired = await wireWorker();
  bough = await install({}, { credentials: [{ name: 'token', file: tokenFile }] });
  await writeFile(tokenFile, 'a token');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
  await wired[Symbol.asyncDispose]();
});

test('a release whose worker was killed right after its switch is on probation all the same', async () => {
  await killWorkerWhen(`after rename ${bough.layout.sockets(id)}/web.sock.next`);

  await bough.push('main', appFiles({ text: 'switched' }));
  await bough.untilServes('main', 'switched');
  await bough.untilIdle();

  assert.equal(await spareWorker(), false, 'it was killed');
  const [release] = await createDeploymentStore(bough.layout).readReleases(id);
  assert.equal(release?.verdict.state, 'verified');
  assert.notEqual(release?.switchedAt, null);
});

test('of a rotation whose worker was killed before it was decided nothing is left after a sweep', async () => {
  await killWorkerWhen(`before rename ${bough.layout.deployment(id)}/.deployment.json.tmp`);

  const { code } = await run(['rotate', 'demo', 'main']);
  const left = await readdir(bough.layout.releases(id));
  await bough.untilIdle();
  await bough.sweep();

  assert.equal(await spareWorker(), false, 'it was killed');
  assert.equal(code, 69);
  assert.ok(left.includes('2.json'), `its release was on record: ${left.join(' ')}`);
  assert.deepEqual((await readdir(bough.layout.releases(id))).toSorted(), ['1', '1.json']);
});

test('a decision that outlives the worker that recorded it is on record with who made it', async () => {
  await killWorkerWhen(`after rename ${bough.layout.deployment(id)}/.deployment.json.tmp`);

  const { code } = await run(['suspend', 'demo', 'main', '--why', 'it is late']);
  await bough.untilIdle();

  assert.equal(await spareWorker(), false, 'it was killed');
  assert.equal(code, 69);
  const deployment = await createDeploymentStore(bough.layout).read(id);
  assert.equal(deployment?.suspended?.why, 'it is late');
  const line: unknown = JSON.parse(
    (await readFile(bough.layout.operations(id), 'utf8')).trim().split('\n').at(-1) ?? '',
  );
  assert.partialDeepStrictEqual(line, { kind: 'suspend', by: 'root', why: 'it is late' });
});
