import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { newDeployment } from '@bough/core/state/deployment.ts';
import { createDeploymentStore } from './deployment-store.ts';

test('a copied folder is not taken for the deployment it was copied from', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bough-store-'));
  t.after(() => rm(folder, { recursive: true }));
  const layout = layoutOf({ stateDir: folder, runtimeDir: '/none', unitDir: '/none' });
  const store = createDeploymentStore(layout);
  const [main, copy] = ['main', 'main-copy'].map((slug) => ({ project: 'demo', slug }));
  assert.ok(main !== undefined && copy !== undefined);
  await store.write(newDeployment(main, 'main'));

  await cp(layout.deployment(main), layout.deployment(copy), { recursive: true });

  assert.equal((await store.read(main))?.slug, 'main');
  await assert.rejects(store.read(copy), (error) => error instanceof AppError && error.code === 'STATE_INVALID');
});
