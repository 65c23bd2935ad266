// One Debian is enough: what becomes of such a build is Bough's; what Nix says of it is in `realise.test.ts`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { appFiles, buildRuns } from '../support/app-files.ts';
import { type Installation, install } from '../support/installation.ts';
import { visit } from '../support/visitor.ts';
import { holdWorkerAt, wireWorker } from '../support/worker-drop-in.ts';

const exec = promisify(execFile);

let bough: Installation;
let wired: AsyncDisposable;
before(async () => {
  wired = await wireWorker();
  bough = await install();
  await bough.push('main', appFiles({ text: 'live' }));
  await bough.untilServes('main', 'live');
  await bough.untilIdle();
});
after(async () => {
  await bough[Symbol.asyncDispose]();
  await wired[Symbol.asyncDispose]();
});

const runs = async () => (await buildRuns()).filter(({ text }) => text === 'collected');

test('a derivation that is collected between its evaluation and its build is evaluated and built all the same, and no visitor notices', async () => {
  await using visitor = visit('/main/', 'live from release 1');
  const held = holdWorkerAt('before nix-store --realise /nix/store', async () => {
    const evaluation: { evaluation: { drvPath: string } } = JSON.parse(
      await readFile(bough.layout.evaluation({ project: 'demo', slug: 'next' }), 'utf8'),
    );
    const { drvPath } = evaluation.evaluation;
    assert.ok(existsSync(drvPath), 'it is evaluated');
    await exec('nix-store', ['--gc'], { env: { ...process.env, NIX_REMOTE: 'daemon' } });
    assert.ok(!existsSync(drvPath), 'its derivation is collected');
    assert.deepEqual(await runs(), [], 'no builder has run');
    return drvPath;
  });
  await bough.push('next', appFiles({ text: 'collected' }));

  const drvPath = await held;

  await bough.untilServes('next', 'collected from release 1', 60_000);
  assert.ok(existsSync(drvPath), 'it was made again');
  assert.equal((await runs()).length, 1);
  assert.deepEqual((await visitor.leave()).wrong, []);
});
