import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { Config } from '@bough/core/config/config.ts';
import type { BuildJob, BuildOutcome, GcOutcome } from '@bough/core/queue/jobs.ts';
import { withRoom } from './make-room.ts';

const gib = 2 ** 30;
const { gc } = Config.parse({
  board: { passwordFile: '/p' },
  projects: { demo: { remote: '/r', webhookSecretFiles: ['/s'], url: 'http://localhost' } },
});
const job: BuildJob = { project: 'demo', branch: 'main', asked: { by: 'sweep' } };
const gone: BuildOutcome = { outcome: 'gone', reason: 'no such branch' };

test('with enough free a build begins at once', async () => {
  const host = disk(2 * gib, 2 * gib);

  assert.deepEqual(await withRoom(host, async () => gone)(job, run()), gone);

  assert.deepEqual(host.collections, []);
});

test('with too little free, garbage is collected, and then it is built', async () => {
  const host = disk(0.5 * gib, 3 * gib);

  assert.deepEqual(await withRoom(host, async () => gone)(job, run()), gone);

  assert.deepEqual(host.collections, [false]);
});

test('what collecting cannot mend fails as DISK_FULL, says how much there is, and builds nothing', async () => {
  const host = disk(0.5 * gib, 0.75 * gib);

  await assert.rejects(
    withRoom(host, () => assert.fail('it was built'))(job, run()),
    (error) => error instanceof AppError && error.code === 'DISK_FULL' && error.message.startsWith('768 MiB are free'),
  );
});

test('a build that fills the disk leaves all garbage collected behind, and fails as it did', async () => {
  const host = disk(2 * gib, 2 * gib);
  const full = new AppError('DISK_FULL', 'No space left on device');

  await assert.rejects(withRoom(host, async () => await Promise.reject(full))(job, run()), full);

  assert.deepEqual(host.collections, [true]);
});

test('a build that fails otherwise collects nothing', async () => {
  const host = disk(2 * gib, 2 * gib);
  const failed = new AppError('BUILD_FAILED', 'no');

  await assert.rejects(withRoom(host, async () => await Promise.reject(failed))(job, run()), failed);

  assert.deepEqual(host.collections, []);
});

function run() {
  return {
    signal: new AbortController().signal,
    log: () => {},
    progress: () => {},
    onCommit: () => {},
    attemptIsRetry: false,
    isLastAttempt: false,
  };
}

/** A disk with so much free before and after a collection. */
function disk(before: number, after: number) {
  const collections: boolean[] = [];
  return {
    gc,
    collections,
    freeBytes: async () => before,
    async collect({ all }: { all: boolean }): Promise<GcOutcome> {
      collections.push(all);
      const nothing = { removed: [], removedCount: 0, storePaths: 0, storeBytes: 0, otherBytes: 0, problems: [] };
      return { outcome: 'collected', ...nothing, freeBytes: after };
    },
  };
}
