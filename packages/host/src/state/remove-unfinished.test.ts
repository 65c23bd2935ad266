import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { aRelease } from '../../../../test/support/model.ts';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { createDeploymentStore } from './deployment-store.ts';
import { removeUnfinished } from './remove-unfinished.ts';

test('what a killed writer left half-written is removed, and what is whole stays', async (t) => {
  const { layout } = tempHost(t);
  const store = createDeploymentStore(layout);
  const release = aRelease(1);
  await store.writeRelease(release);
  await mkdir(layout.units, { recursive: true });
  const halves = [`${layout.releases(release)}/.2.json.tmp`, `${layout.units}/.bough-demo--main--r2-web.service.tmp`];
  for (const half of halves) await writeFile(half, '{');

  const removed = await removeUnfinished(layout, store);

  assert.deepEqual(removed.toSorted(), halves.toSorted());
  assert.ok(!halves.some((half) => existsSync(half)));
  assert.equal((await store.readReleases(release)).length, 1);
  assert.deepEqual(await removeUnfinished(layout, store), []);
});
