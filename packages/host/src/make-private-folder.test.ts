import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePrivateFolder } from './make-private-folder.ts';

test('a new folder and one that others could read are both private', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bough-private-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(`${folder}/old`, { mode: 0o755 });

  for (const name of ['old', 'new/below']) {
    await makePrivateFolder(`${folder}/${name}`);
    assert.equal((await stat(`${folder}/${name}`)).mode & 0o777, 0o700);
  }
});
