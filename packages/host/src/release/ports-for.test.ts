import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '@bough/core/config/config.ts';
import { aRelease } from '../../../../test/support/model.ts';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { createDeploymentStore } from '../state/deployment-store.ts';
import { createWithPorts } from './ports-for.ts';

test('releases recorded at one moment get ports of their own, whichever deployments they are of', async (t) => {
  const config = Config.parse({
    board: { passwordFile: '/p' },
    projects: { demo: { remote: '/r', webhookSecretFiles: ['/s'], url: 'http://localhost' } },
  });
  const store = createDeploymentStore(tempHost(t).layout);
  const withPorts = createWithPorts({ config, store });
  const record = async (slug: string): Promise<number | undefined> => {
    const release = aRelease(1, 'pending', { slug, branch: slug });
    return await withPorts(release.manifest, async (ports) => {
      await sleep(20);
      await store.writeRelease({ ...release, ports });
      return ports['web'];
    });
  };

  const ports = await Promise.all(['one', 'two', 'three'].map(record));

  assert.equal(new Set(ports).size, 3, ports.join(', '));
  assert.ok(ports.every((port) => port !== undefined));
});
