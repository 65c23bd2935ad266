import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findGitLeftovers } from '../chaos/leftovers.ts';

test('locks and half-written objects are what a killed git leaves in a mirror, and a branch of such a name is not', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bough-leftovers-'));
  const mirrors = folder.path;
  const left = [
    'packed-refs.lock',
    'refs/heads/feat.lock',
    'objects/pack/tmp_pack_a',
    'objects/pack/.tmp-1-pack-b.idx',
  ];
  for (const name of [...left, 'HEAD', 'refs/heads/tmp_feat', 'objects/pack/pack-c.pack']) {
    const path = `${mirrors}/demo.git/${name}`;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }

  const found = await findGitLeftovers({ mirrors });

  assert.deepEqual(found.toSorted(), left.map((name) => `${mirrors}/demo.git/${name}`).toSorted());
});
