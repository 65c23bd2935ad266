import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { newDeployment } from '@bough/core/state/deployment.ts';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { createDeploymentStore } from '../state/deployment-store.ts';
import { openBuildLog } from './build-log.ts';

const mib = 1 << 20;

async function addTo(path: string, sizeBytes: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  truncateSync(path, sizeBytes); // a hole, which takes no room
  const log = await openBuildLog(path);
  log.line('tried again');
  await log.close();
}

test('what is tried again adds to its log, until that is half as long as it may be: then it begins anew', async (t) => {
  const path = `${tempHost(t).folder}/logs/commit.log`;

  await addTo(path, 31 * mib);
  assert.equal(statSync(path).size, 31 * mib + 'tried again\n'.length);

  await addTo(path, 33 * mib);
  assert.equal(readFileSync(path, 'utf8'), 'tried again\n');
});

test('a log can be opened while what was there of the branch is removed, and that is removed all the same', async (t) => {
  const { layout } = tempHost(t);
  const store = createDeploymentStore(layout);
  const id = { project: 'demo', slug: 'feature' };
  for (let index = 0; index < 50; index++) {
    await store.write(newDeployment(id, 'feature'));
    const removed = store.remove(id);

    const log = await openBuildLog(`${layout.buildLogs(id)}/commit.log`);
    log.line('pushed again');
    await log.close();
    await removed;

    assert.equal(await store.read(id), null);
  }
});
