import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMirror } from '@bough/host/git/mirror.ts';
import type { RunCommand } from '@bough/host/run-command.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { createRepository } from '../../../../test/support/repository.ts';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { until } from '../../../../test/support/until.ts';
import { createPruneStrays } from './prune-strays.ts';

test('however many branches go at once, each commit is let go once, and nobody waits behind the same work of others', async (t) => {
  const { folder, layout, run } = tempHost(t);
  const repository = await createRepository(`${folder}/remote`);
  const commits: string[] = [];
  for (let each = 0; each < 10; each += 1) commits.push(await repository.commit('main', { file: String(each) }));
  const commands: string[] = [];
  const counted: RunCommand = async (argv, options) => {
    commands.push(argv.join(' '));
    return await run(argv, options);
  };
  const mirror = createMirror({ layout, run: counted, fetchTimeoutMs: 20_000 });
  await mirror.fetch('app', repository.remote);
  for (const commit of commits) await mirror.pin('app', commit);
  const prune = createPruneStrays({ layout, store: createDeploymentStore(layout), mirror, running: () => null });
  commands.length = 0;

  const first = prune('app');
  await until('it has begun', () => commands.length > 0);
  const others = commits.map(async () => await prune('app'));

  assert.equal((await first).length, commits.length);
  assert.deepEqual((await Promise.all(others)).flat(), []);
  assert.deepEqual(await mirror.pinned('app'), []);
  assert.equal(commands.filter((command) => command.includes('update-ref')).length, commits.length);
});
