import assert from 'node:assert/strict';
import { mkdir, open, readlink } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { tempHost } from '../../../test/support/temp-host.ts';
import { makeFolder } from './make-folder.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** What is synced from now on, in order. Node syncs through the prototype of its file handles. */
async function watchSyncs(t: TestContext): Promise<string[]> {
  const file = await open('/dev/null');
  const prototype: { sync: () => Promise<void> } = Object.getPrototypeOf(file);
  await file.close();
  const synced: string[] = [];
  const { sync } = prototype;
  t.mock.method(prototype, 'sync', async function watched(this: { fd: number }) {
    synced.push(await readlink(`/proc/self/fd/${this.fd}`));
    await sync.call(this);
  });
  return synced;
}

test('every folder that gets another one is synced, and none where all of them are there', async (t) => {
  const { folder } = tempHost(t);
  await mkdir(`${folder}/there`);
  const synced = await watchSyncs(t);

  await makeFolder(`${folder}/there/a/b`);
  await makeFolder(`${folder}/there/a/b`);

  assert.deepEqual(synced, [`${folder}/there/a`, `${folder}/there`]);
});

test('a file is synced, then its folder, and before both the folders that had to be made for it', async (t) => {
  const { folder } = tempHost(t);
  const synced = await watchSyncs(t);

  await writeFileAtomically(`${folder}/a/file`, 'text');

  assert.deepEqual(synced, [folder, `${folder}/a/.file.tmp`, `${folder}/a`]);
});
