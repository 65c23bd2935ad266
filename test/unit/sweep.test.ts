import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { newDeployment } from '@bough/core/state/deployment.ts';
import type { UnitHost } from '@bough/core/systemd/unit-host.ts';
import { unitName } from '@bough/core/unit-name.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import { slugOf } from '@bough/host/slug.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { createSystemd } from '@bough/host/systemd/systemd.ts';
import { createUnitFiles } from '@bough/host/systemd/unit-files.ts';
import type { SweepHost } from '@bough/host/sweep/sweep-host.ts';
import { createSweep } from '@bough/host/sweep/sweep.ts';
import { aRelease } from '../support/model.ts';
import { tempHost } from '../support/temp-host.ts';

const commit = 'c'.repeat(40);
const project = { remote: '/none', webhookSecretFiles: ['/none'], url: 'http://localhost:8080' };
const config = parseConfig(
  JSON.stringify({
    board: { passwordFile: '/none' },
    projects: { demo: project, other: { ...project, url: 'http://other.localhost:8080' } },
  }),
  'test',
);

const demo = config.projects['demo'] ?? assert.fail();

const unitHost: UnitHost = {
  scope: 'system',
  layout: layoutOf({ stateDir: '/none', runtimeDir: '/none', unitDir: '/none' }),
  systemdVersion: 257,
  socketProxyd: '/none',
  waitForPort: ['/none'],
  stopTimeoutSec: 20,
  user: 'none',
  url: 'http://localhost:8080',
  basePath: '',
  sleepAfterSec: null,
  isProduction: false,
  credentials: [],
};

/** A sweep over a systemd that knows no unit, and what it asked for. */
function sweepOf(t: TestContext, changes: Partial<SweepHost> = {}) {
  const { layout } = tempHost(t);
  const store = createDeploymentStore(layout);
  const asked: string[] = [];
  const lines: string[] = [];
  const sweep = createSweep({
    config,
    layout,
    store,
    slugOf,
    now: () => new Date(0),
    unitFiles: createUnitFiles(layout),
    systemd: createSystemd({
      scope: 'system',
      environment: {},
      run: async () => ({ stdout: '', stderr: '', exitCode: 0 }),
    }),
    unitHost: () => assert.fail('there is no release to render'),
    lsRemote: async () => new Map([['main', commit]]),
    wasBuilding: () => Promise.resolve(false),
    enqueueBuild: async (name, branch) => asked.push(`build ${name} ${branch}`),
    enqueueReconcile: async (id) => asked.push(`reconcile ${id.project} ${id.slug}`),
    interrupt: (id) => asked.push(`interrupt ${id.project} ${id.slug}`),
    cancelBuild: (id) => asked.push(`cancel ${id.project} ${id.slug}`),
    pruneStrays: async () => [],
    ...changes,
  });
  const go = (only: string | null = null) =>
    sweep(only, { signal: AbortSignal.timeout(10_000), log: (line) => lines.push(line) });
  return { store, layout, asked, lines, go };
}

const isIncomplete = (about: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === 'SWEEP_INCOMPLETE' && about.test(error.log.join('\n'));

test('a record that cannot be read fails the sweep, once all other branches were looked at', async (t) => {
  const { store, layout, asked, go } = sweepOf(t, {
    lsRemote: async () =>
      new Map([
        ['main', commit],
        ['broken', commit],
      ]),
  });
  await store.write(newDeployment({ project: 'demo', slug: 'broken' }, 'broken'));
  await store.write(newDeployment({ project: 'demo', slug: 'deleted' }, 'deleted'));
  await writeFile(layout.deploymentFile({ project: 'demo', slug: 'broken' }), '{"schema": 1');

  await assert.rejects(go(), isIncomplete(/STATE_INVALID.*broken/));

  assert.ok(asked.includes('build demo main'));
  assert.ok(asked.includes('reconcile demo deleted'));
  assert.ok(!asked.includes('build demo broken'), 'nothing can be said of it');
  assert.equal((await store.read({ project: 'demo', slug: 'deleted' }))?.present, false);
});

test('a branch whose head is released is built anew where the output of that is gone', async (t) => {
  const { store, asked, go } = sweepOf(t, { unitHost: () => unitHost });
  const release = aRelease(1, 'verified', { commit });
  await store.writeRelease(release);
  const at = new Date(0).toISOString();
  const head = { outcome: 'released', commit, release: 1, at } as const;
  await store.write({ ...newDeployment({ project: 'demo', slug: 'main' }, 'main'), desired: 1, lastSeq: 1, head });
  assert.ok(!existsSync(release.outPath));

  await go('demo');

  assert.deepEqual(asked, ['build demo main', 'reconcile demo main']);
});

test('no build is asked for of a head that is being built, and the sweep says so', async (t) => {
  const { asked, lines, go } = sweepOf(t, {
    wasBuilding: async (id, of) => id.project === 'demo' && id.slug === 'main' && of === commit,
  });

  await go();

  assert.deepEqual(asked, ['build other main']);
  assert.ok(
    lines.includes(
      `demo main at ${commit.slice(0, 12)} is being built or has just been: nothing is recorded for the branch`,
    ),
  );
});

test('of a branch that is to go, by the forge or by its limits, one reconcile is asked for', async (t) => {
  const expired = { project: 'demo', slug: 'expired' };
  const { store, asked, go } = sweepOf(t, {
    lsRemote: async () => new Map([['expired', commit]]),
    unitHost: () => unitHost,
    wasBuilding: async () => true,
    async keepLimits(name) {
      if (name !== 'demo') return [];
      await store.write({ ...newDeployment(expired, expired.slug), present: false }); // it has steps now
      asked.push('reconcile demo expired');
      return [expired];
    },
  });
  for (const id of [expired, { project: 'demo', slug: 'gone' }, { project: 'demo', slug: 'left' }])
    await store.write({ ...newDeployment(id, id.slug), present: id.slug !== 'left' });

  await go('demo');

  assert.deepEqual(
    asked.filter((line) => line.startsWith('reconcile')),
    ['reconcile demo gone', 'reconcile demo expired', 'reconcile demo left'],
  );
});

test('a remote that cannot be reached fails the sweep, removes nothing and holds up no other project', async (t) => {
  let asks = 0;
  const { store, asked, go } = sweepOf(t, {
    lsRemote: async () => {
      asks += 1;
      if (asks === 1) throw new AppError('SOURCE_FETCH', 'the remote is down');
      return new Map([['main', commit]]);
    },
  });
  await store.write(newDeployment({ project: 'demo', slug: 'main' }, 'main'));

  await assert.rejects(go(), isIncomplete(/refs of demo: SOURCE_FETCH/));

  assert.deepEqual(asked, ['build other main']);
  assert.equal((await store.read({ project: 'demo', slug: 'main' }))?.present, true);
});

test('a remote without a single branch takes nothing down', async (t) => {
  const { store, asked, go } = sweepOf(t, { lsRemote: async () => new Map() });
  await store.write(newDeployment({ project: 'demo', slug: 'main' }, 'main'));

  await assert.rejects(go(), isIncomplete(/demo has no branch at its remote/));

  assert.deepEqual(asked, []);
});

test('one finding that cannot be acted on does not keep the others from it', async (t) => {
  const { asked, go } = sweepOf(t, {
    lsRemote: async () =>
      new Map([
        ['main', commit],
        ['next', commit],
      ]),
    enqueueBuild: async (name, branch) => {
      if (branch === 'main') throw new Error('refused');
      asked.push(`build ${name} ${branch}`);
    },
  });

  await assert.rejects(go(), isIncomplete(/build demo main: refused/));

  assert.deepEqual(asked, ['build demo next', 'build other next']);
});

test('a sweep asks systemd twice, however many deployments there are', async (t) => {
  const asked: string[] = [];
  const slugs = Array.from({ length: 50 }, (_, index) => `b${index + 1}`);
  const { store, layout, go } = sweepOf(t, {
    lsRemote: async () => new Map(slugs.map((slug) => [slug, commit])),
    unitHost: () => unitHost,
    systemd: createSystemd({
      scope: 'system',
      environment: {},
      async run(argv) {
        asked.push(argv.find((word) => /^(list-units|show|start|stop)$/.test(word)) ?? argv.join(' '));
        const units = argv.slice(argv.indexOf('--') + 1);
        const stdout = units.map((unit) => `Id=${unit}\nLoadState=loaded\nActiveState=active\n`).join('\n');
        return { stdout: argv.includes('show') ? stdout : '', stderr: '', exitCode: 0 };
      },
    }),
  });
  await mkdir(layout.units, { recursive: true });
  for (const slug of slugs) {
    const id = { project: 'demo', slug };
    await store.write(newDeployment(id, id.slug));
    await writeFile(layout.unitFile(unitName({ ...id, seq: 1, service: 'web', role: 'process' })), '[Service]\n');
  }

  await go();

  assert.deepEqual(asked, ['list-units', 'show']);
});

test('a remote that answers late holds up its own project alone, and what is found keeps the order of the configuration', async (t) => {
  const late = Promise.withResolvers<void>();
  const seen: string[] = [];
  const { go } = sweepOf(t, {
    lsRemote: async () => {
      seen.push('asked');
      if (seen.length === 1) await late.promise;
      return new Map([['main', commit]]);
    },
    enqueueBuild: async (name) => {
      seen.push(`build ${name}`);
      late.resolve();
    },
  });

  const { findings } = await go();

  assert.deepEqual(seen, ['asked', 'asked', 'build other', 'build demo']);
  assert.deepEqual(
    findings.map((line) => line.slice(0, 11)),
    ['build demo ', 'build other'],
  );
});

test('what a sweep of many branches found is told in part, as its job is kept, and done whole', async (t) => {
  let builds = 0;
  const { go } = sweepOf(t, {
    lsRemote: async () => new Map(Array.from({ length: 150 }, (_, number) => [`b${number}`, commit])),
    enqueueBuild: async () => void (builds += 1),
  });

  const { findings } = await go();

  assert.deepEqual([builds, findings.length, findings.at(-1)], [300, 101, 'and 200 more']);
});

test('a remote that hangs keeps no other project from being looked at, by sweeps of all or of itself', async (t) => {
  const hung = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const hanging = 'git://hung.invalid/demo.git';
  const asks: string[] = [];
  const actions = createActions();
  const { asked, lines, go } = sweepOf(t, {
    actions,
    config: { ...config, projects: { ...config.projects, demo: { ...demo, remote: hanging } } },
    lsRemote: async (remote) => {
      asks.push(remote);
      begun.resolve();
      if (remote === hanging) await hung.promise;
      return new Map([['main', commit]]);
    },
  });
  const first = go();
  await begun.promise;
  const ofIt = go('demo');
  assert.deepEqual(
    actions.list().map(({ what, needsRedis }) => [what, needsRedis]),
    [['waiting for the lane of demo', true]],
  );

  const { findings } = await go();
  await go('other');

  assert.deepEqual(findings, [`build other main at ${commit.slice(0, 12)}: nothing is recorded for the branch`]);
  assert.ok(lines.includes('demo is left to the sweep that is at it now'));
  assert.equal(asks.filter((remote) => remote === hanging).length, 1);
  assert.ok(!asked.includes('build demo main'));
  hung.resolve();
  await Promise.all([first, ofIt]);
  assert.equal(asks.filter((remote) => remote === hanging).length, 2, 'that of the project waited for its turn');
  assert.deepEqual(actions.list(), []);
});

test('a branch that is pushed again while its removal waits for its turn stays, and is built', async (t) => {
  const verified = Promise.withResolvers<void>();
  const heads = new Map([['main', commit]]);
  const { store, asked, go } = sweepOf(t, {
    unitHost: () => unitHost,
    lsRemote: async () => new Map(heads),
    interrupt() {
      heads.set('again', commit);
      verified.resolve();
    },
  });
  const id = { project: 'demo', slug: 'again' };
  await store.write(newDeployment(id, 'again'));
  void store.withLock(id, () => verified.promise);

  const { findings } = await go('demo');

  assert.ok(
    findings.includes(`build demo again at ${commit.slice(0, 12)}: the branch is there again`),
    findings.join('; '),
  );
  assert.equal((await store.read(id))?.present, true);
  assert.deepEqual(asked.toSorted(), ['build demo again', 'build demo main']);
});

test('a branch that is gone is removed at once, also while its release is being verified', async (t) => {
  const interrupted = Promise.withResolvers<void>();
  const { store, asked, go } = sweepOf(t, { unitHost: () => unitHost, interrupt: () => interrupted.resolve() });
  const id = { project: 'demo', slug: 'gone' };
  await store.write(newDeployment(id, 'gone'));
  void store.withLock(id, () => interrupted.promise);

  await go('demo');

  assert.equal((await store.read(id))?.present, false);
  assert.ok(asked.includes('cancel demo gone'));
});
