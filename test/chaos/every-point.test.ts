import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { killWorkerAt, pointsReached, spareWorker, wireWorker } from '../support/worker-drop-in.ts';
import { findLeftovers } from './leftovers.ts';
import { worldOf } from './world-of.ts';

/** Every so manieth point in CI; all of them by hand, with BOUGH_STRIDE=1. */
const stride = Number(process.env['BOUGH_STRIDE'] ?? 37);

let bough: Installation;
let wired: AsyncDisposable;
const survivors: string[] = [];
before(async () => {
  wired = await wireWorker();
  bough = await install({ reconcile: { settleSec: 0.05, drainSec: 0.05 } });
  await bough.push('main', appFiles({ text: 'main' }));
  await bough.untilServes('main', 'main');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
  await wired[Symbol.asyncDispose]();
});

test('a worker killed at any point of a first deployment leaves what one that was not killed leaves', async (t) => {
  await deploy('reference', 'first');
  for (let point = 1; ; point += stride) {
    const branch = `killed-at-${point}`;
    survivors.push(branch);
    if (!(await dying(point, async () => await deploy(branch, 'first')))) break; // there are no more points
  }

  await compareAll(t.diagnostic.bind(t));
});

test('a worker killed at any point of an update leaves what one that was not killed leaves', async (t) => {
  await deploy('reference', 'second');
  let point = 1;
  for (const branch of survivors) {
    await dying(point, async () => await deploy(branch, 'second'));
    point += stride;
  }

  await compareAll(t.diagnostic.bind(t));
});

test('a worker killed at any point of a removal leaves nothing', async (t) => {
  let point = 1;
  let deaths = 0;
  for (const branch of survivors) {
    const hasDied = await dying(point, async () => {
      await bough.remove(branch);
      await until(
        `${branch} is gone`,
        () => !existsSync(bough.layout.deployment({ project: 'demo', slug: branch })),
        30_000,
      );
    });
    if (hasDied) deaths += 1;
    point += stride;
  }
  await bough.sweep();

  t.diagnostic(`${deaths} deaths in ${survivors.length} removals`);
  assert.ok(deaths > 0);
  const store = createDeploymentStore(bough.layout);
  assert.deepEqual(await findLeftovers(bough, store, ['main', 'reference']), []);
  for (const branch of survivors) assert.deepEqual(await worldOf(bough, branch), { 'mirror/pins': '' });
  assert.equal(overlap(await buildRuns()), 0n);
});

async function deploy(branch: string, version: string): Promise<void> {
  await bough.push(branch, appFiles({ text: `${version} of ${branch}` }));
  await bough.untilServes(branch, `${version} of ${branch}`);
}

/** Whether the worker died at that point of `work`, which ends well nevertheless. */
async function dying(point: number, work: () => Promise<void>): Promise<boolean> {
  await killWorkerAt(point);
  await work();
  await bough.untilIdle();
  return !(await spareWorker());
}

async function compareAll(say: (line: string) => void): Promise<void> {
  await bough.sweep();
  const reference = await worldOf(bough, 'reference');
  assert.ok(survivors.length > 0);
  assert.ok(Object.keys(reference).length > 10);
  for (const branch of survivors) {
    const world = await worldOf(bough, branch);
    const paths = [...new Set([...Object.keys(reference), ...Object.keys(world)])];
    const different = paths.filter((path) => world[path] !== reference[path]);
    const only = (from: Record<string, string>) => Object.fromEntries(different.map((path) => [path, from[path]]));
    assert.deepEqual(only(world), only(reference), branch);
  }
  const reached = await pointsReached();
  say(`${reached.length} deaths so far, the last ones ${reached.slice(-3).join('; ')}`);
}
