import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { operateProject, type OperateProjectHost } from '../operate/operate-project.ts';
import { createDeploymentStore } from './deployment-store.ts';
import { changeDeployment, readProject } from './project-store.ts';

const at = '2026-01-01T00:00:00.000Z';
const decision = { by: 'ada', at, why: 'holidays' };
const suspend = { kind: 'suspend', project: 'demo', by: 'ada', why: 'holidays' } as const;
const resume = { kind: 'resume', project: 'demo', by: 'ada', why: '' } as const;

function hostOf(t: TestContext): OperateProjectHost {
  const { layout } = tempHost(t);
  const log = pino({ level: 'silent' });
  return { layout, store: createDeploymentStore(layout), now: () => new Date(at), log };
}

const record = async (host: OperateProjectHost, slug: string, project = 'demo') => {
  const id = { project, slug };
  await host.store.withLock(id, () =>
    changeDeployment(host, id, slug, (deployment) => ({ ...deployment, lastSeq: 7 })),
  );
  return await host.store.read(id);
};

test('a branch that is new to a suspended project begins suspended, and no other does', async (t) => {
  const host = hostOf(t);
  await record(host, 'known');
  await operateProject(host, suspend);

  assert.deepEqual((await record(host, 'fresh'))?.suspended, decision);
  assert.equal((await record(host, 'known'))?.suspended, null);
  assert.equal((await record(host, 'fresh', 'other'))?.suspended, null);

  await operateProject(host, resume);
  assert.equal((await record(host, 'later'))?.suspended, null);
  assert.ok(!existsSync(host.layout.projectFile('demo')));
});

test('asking for what is so already changes nothing, and the first decision stands', async (t) => {
  const host = hostOf(t);

  assert.equal((await operateProject(host, resume)).changed, false);
  assert.equal((await operateProject(host, suspend)).changed, true);
  const again = await operateProject(host, { ...suspend, by: 'bob' });

  assert.deepEqual([again.changed, again.suspended], [false, decision]);
});

test('of branches that appear while a project is suspended each is suspended with it, or there to be listed after', async (t) => {
  const host = hostOf(t);
  const names = Array.from({ length: 40 }, (_, each) => `branch-${each}`);

  const appearing = names.map((name) => record(host, name));
  await operateProject(host, suspend);
  const listed = new Set((await host.store.list()).map(({ slug }) => slug));
  const recorded = await Promise.all(appearing);

  for (const [each, name] of names.entries())
    assert.ok(recorded[each]?.suspended !== null || listed.has(name), `${name} runs, and nobody is told of it`);
});

test('a record that is not ours is told by its path, and no branch is started for it', async (t) => {
  const host = hostOf(t);
  await operateProject(host, suspend);
  writeFileSync(host.layout.projectFile('demo'), '{}');

  await assert.rejects(readProject(host, 'demo'), { code: 'STATE_INVALID' });
  await assert.rejects(record(host, 'fresh'), { code: 'STATE_INVALID' });
});

test('the record of a branch is not changed in the name of another that has its slug', async (t) => {
  const host = hostOf(t);
  await record(host, 'mine');
  const id = { project: 'demo', slug: 'mine' };
  const before = await host.store.read(id);

  await assert.rejects(
    changeDeployment(host, id, 'Mine', (deployment) => ({ ...deployment, lastSeq: 9 })),
    { code: 'SLUG_TAKEN', message: /its slug mine is that of mine, which is deployed/ },
  );

  assert.deepEqual(await host.store.read(id), before);
});
