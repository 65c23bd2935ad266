import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
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

test('the port of a unit whose release is on no record is not given away: it may sleep, and listen when somebody comes', async (t) => {
  const { layout } = tempHost(t);
  const config = Config.parse({
    stateDir: dirname(layout.units),
    ports: { from: 20_000, to: 20_001 },
    board: { passwordFile: '/p' },
    projects: { demo: { remote: '/r', webhookSecretFiles: ['/s'], url: 'http://localhost' } },
  });
  await mkdir(layout.units, { recursive: true });
  await writeFile(`${layout.units}/bough-demo--lost--r1-web.service`, '[Service]\nEnvironment="PORT=20000"\n');
  const withPorts = createWithPorts({ config, store: createDeploymentStore(layout) });

  const ports = await withPorts(aRelease(1).manifest, (found) => Promise.resolve(found));

  assert.deepEqual(ports, { web: 20_001 });
});
