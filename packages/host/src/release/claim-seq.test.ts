import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createDeploymentStore } from '../state/deployment-store.ts';
import { createUnitFiles } from '../systemd/unit-files.ts';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { createClaimSeq } from './claim-seq.ts';

const id = { project: 'demo', slug: 'main' };

test('a number that is recorded and let go while another one is claimed is not claimed again', async (t) => {
  const { layout } = tempHost(t);
  const unitFiles = createUnitFiles(layout);
  let meanwhile = async (): Promise<void> => undefined;
  const claimSeq = createClaimSeq({
    layout,
    store: createDeploymentStore(layout),
    unitFiles: {
      ...unitFiles,
      async names() {
        await meanwhile();
        return await unitFiles.names();
      },
    },
  });
  const rotation = await claimSeq(id);
  meanwhile = async () => {
    await mkdir(layout.releases(id), { recursive: true });
    await writeFile(`${layout.releases(id)}/${rotation.seq}.json`, '{}');
    rotation.letGo();
  };

  assert.deepEqual([rotation.seq, (await claimSeq(id)).seq], [1, 2]);
});
