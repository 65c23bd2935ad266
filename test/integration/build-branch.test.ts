// One Debian is enough: it decides; what Nix and git answer is in `evaluate.test.ts`, `realise.test.ts` and `mirror.test.ts`.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { decide } from '@bough/core/operate/decide.ts';
import { RememberedEvaluation } from '@bough/core/nix/remembered-evaluation.ts';
import { readManifest } from '@bough/host/nix/read-manifest.ts';
import { slugOf } from '@bough/host/slug.ts';
import { fails } from '../support/app-error.ts';
import { createWhyGoesOn } from '../../apps/worker/src/build/why-goes-on.ts';
import { type BuildAsk, buildHost } from '../support/build-host.ts';
import { sameSlug } from '../support/hostile-branches.ts';
import { appFlake, commitFiles, derivation, flakeOf, git } from '../support/flake.ts';
import { fresh } from '../support/nix-host.ts';

const id = { project: 'app', slug: 'main' };
const app = (script = `exec sleep ${fresh()}`) => appFlake('server', script);

test('a new branch becomes release 1: pinned, rooted, recorded, desired', async (t) => {
  const { build, remote, store, layout, mirror, reconciles } = buildHost(t);
  const commit = commitFiles(remote, app());

  const outcome = await build();

  assert.equal(outcome.outcome, 'built');
  const deployment = await store.read(id);
  const [release] = await store.readReleases(id);
  assert.deepEqual([deployment?.desired, deployment?.lastSeq, deployment?.present], [1, 1, true]);
  assert.deepEqual([deployment?.head?.outcome, deployment?.head?.commit], ['released', commit]);
  assert.equal(realpathSync(layout.releaseRoot(id, 1)), release?.outPath);
  assert.deepEqual(release?.manifest.services['web']?.exec, [`${release?.outPath}/bin/server`]);
  assert.deepEqual(release?.ports, { web: 20_000 });
  assert.deepEqual(release?.verdict, { state: 'pending' });
  assert.deepEqual(await mirror.pinned('app'), [commit]);
  assert.deepEqual(reconciles, ['app--main']);
});

test('a head that stands already is unchanged, and only looked after', async (t) => {
  const { build, remote, store, reconciles } = buildHost(t);
  const commit = commitFiles(remote, app());
  await build();

  assert.deepEqual(await build(), { outcome: 'unchanged', commit, release: 1, reason: 'release 1 is of this commit' });

  assert.equal((await store.readReleases(id)).length, 1);
  assert.equal(reconciles.length, 2);
});

test('a commit that changes nothing of the output makes no release', async (t) => {
  const { build, remote, store } = buildHost(t);
  const files = app();
  commitFiles(remote, files);
  await build();
  const readme = commitFiles(remote, { ...files, README: 'new words' });

  const outcome = await build();

  assert.deepEqual([outcome.outcome, 'release' in outcome && outcome.release], ['unchanged', 1]);
  assert.deepEqual((await store.read(id))?.head?.commit, readme);
  assert.equal((await store.read(id))?.desired, 1);
});

test('other settings of the project make a release of the same output', async (t) => {
  const { build, remote, store, host } = buildHost(t);
  commitFiles(remote, app());
  await build();
  const settings = host.config.projects['app'];
  assert.ok(settings);
  const projects = { app: { ...settings, health: { ...settings.health, path: '/healthz' } } };

  const outcome = await build({}, { config: { ...host.config, projects } });

  assert.deepEqual([outcome.outcome, 'release' in outcome && outcome.release], ['built', 2]);
  assert.equal((await store.readReleases(id))[1]?.manifest.services['web']?.health.path, '/healthz');
});

test('each branch has releases, ports and a slug of its own', async (t) => {
  const { build, remote, store } = buildHost(t);
  commitFiles(remote, app());
  git(remote, 'branch', 'feature/hello');
  await build();

  const outcome = await build({ branch: 'feature/hello' });

  const [first, second] = await store.list();
  assert.equal(outcome.outcome, 'built');
  assert.match(first?.slug ?? '', /^feature-hello-[0-9a-f]{8}$/);
  assert.deepEqual((await store.readReleases(first ?? id))[0]?.ports, { web: 20_001 });
  assert.equal(second?.slug, 'main');
});

test('a branch whose slug another has is not built, and the record of the other says so and stays as it was', async (t) => {
  const { build, remote, store, reconciles } = buildHost(t);
  const [held, rival] = sameSlug;
  const slug = slugOf(held);
  const commit = commitFiles(remote, app());
  for (const branch of sameSlug) git(remote, 'branch', branch);
  assert.equal((await build({ branch: held })).outcome, 'built');
  const before = await store.read({ project: 'app', slug });
  assert.equal(before?.branch, held);

  for (const retry of [false, true])
    assert.deepEqual(await build({ branch: rival, retry }), {
      outcome: 'skipped',
      commit,
      reason: `its slug ${slug} is that of ${held}, which is deployed: rename one of the two, or delete ${held}`,
    });

  assert.deepEqual(await store.read({ project: 'app', slug }), { ...before, rivals: [rival] });
  assert.deepEqual(
    (await store.readReleases({ project: 'app', slug })).map(({ branch }) => branch),
    [held],
  );
  assert.deepEqual(reconciles, [`app--${slug}`]);
});

test('a branch whose slug is being freed waits until all of the other is gone', async (t) => {
  const { build, remote, store } = buildHost(t);
  const [held, rival] = sameSlug;
  const place = { project: 'app', slug: slugOf(held) };
  commitFiles(remote, app());
  for (const branch of sameSlug) git(remote, 'branch', branch);
  await build({ branch: held });
  const recorded = await store.read(place);
  assert.ok(recorded);
  await store.write({ ...recorded, present: false, desired: null });

  const outcome = await build({ branch: rival });

  assert.match('reason' in outcome ? outcome.reason : '', /which is being taken down: the next sweep builds it$/);
  assert.deepEqual(await store.read(place), { ...recorded, present: false, desired: null });
  await store.remove(place);
  assert.equal((await build({ branch: rival })).outcome, 'built');
  assert.equal((await store.read(place))?.branch, rival);
});

test('a port that is listened on is not given away', async (t) => {
  const { build, remote, store } = buildHost(t);
  const server = createServer().listen(20_000, '127.0.0.1');
  t.after(() => server.close());
  commitFiles(remote, app());

  await build();

  assert.deepEqual((await store.readReleases(id))[0]?.ports, { web: 20_001 });
});

test('a broken build leaves what stands untouched and is remembered with its class', async (t) => {
  const { build, remote, store, layout } = buildHost(t);
  commitFiles(remote, app());
  await build();
  const broken = commitFiles(remote, flakeOf(derivation('server', `echo compiling ${fresh()}; exit 1`)));

  await assert.rejects(build(), (error: AppError) => {
    assert.match(error.log.join('\n'), /^compiling /);
    return fails('BUILD_FAILED')(error);
  });

  const deployment = await store.read(id);
  assert.deepEqual([deployment?.desired, deployment?.present], [1, true]);
  assert.partialDeepStrictEqual(deployment?.head, { outcome: 'failed', commit: broken, code: 'BUILD_FAILED' });
  assert.deepEqual(readdirSync(layout.releases(id)).toSorted(), ['1', '1.json']);
});

test('what failed is not built again for another commit or branch that needs it, until a person tries again', async (t) => {
  const { build, remote, folder } = buildHost(t);
  const runs = `${folder}/runs`;
  writeFileSync(runs, '');
  chmodSync(folder, 0o755); // the builder is another user
  chmodSync(runs, 0o666);
  const broken = flakeOf(derivation('server', `echo compiling ${fresh()} | tee -a ${runs}; exit 1`));
  const failed = async (ask: BuildAsk = {}) => {
    const error = await build(ask).catch((reason: unknown) => reason);
    assert.ok(error instanceof AppError);
    return { code: error.code, log: error.log, runs: readFileSync(runs, 'utf8').trim().split('\n').length };
  };
  commitFiles(remote, broken);

  const first = await failed();
  commitFiles(remote, { ...broken, README: 'new words' });
  const second = await failed();
  git(remote, 'branch', 'other');
  const third = await failed({ branch: 'other' });

  assert.partialDeepStrictEqual(first, { code: 'BUILD_FAILED', runs: 1 });
  assert.match(first.log.join('\n'), /^compiling /);
  assert.deepEqual([second, third], [first, first]);
  assert.deepEqual(await failed({ branch: 'other', retry: true }), { ...first, runs: 2 });
});

test('what failed for a cause outside the commit is built when it is tried again', async (t) => {
  const { build, remote, folder } = buildHost(t);
  const flag = `${folder}/flag`;
  commitFiles(remote, appFlake('server', 'exec true', `test -e ${flag} || { echo "no flag ${fresh()}"; exit 1; }`));
  await assert.rejects(build(), fails('BUILD_FAILED'));
  chmodSync(folder, 0o755); // the builder is another user
  writeFileSync(flag, '');

  assert.equal((await build({ retry: true })).outcome, 'built');
});

test('a release found unfit is verified again when a person asks, and not else', async (t) => {
  const { build, remote, store } = buildHost(t);
  commitFiles(remote, app());
  await build();
  const [release] = await store.readReleases(id);
  assert.ok(release);
  const at = new Date().toISOString();
  await store.writeRelease({
    ...release,
    prepared: true,
    switchedAt: at,
    verdict: { state: 'failed', at, code: 'APP_CRASHED', message: 'crash-looped' },
  });

  assert.partialDeepStrictEqual(await build(), {
    outcome: 'unchanged',
    reason: 'release 1 is of this commit, which failed (APP_CRASHED); press retry to verify it again',
  });
  assert.equal((await store.readReleases(id))[0]?.verdict.state, 'failed');
  const outcome = await build({ retry: true });

  assert.match('reason' in outcome ? outcome.reason : '', /verified again/);
  assert.partialDeepStrictEqual(
    (await store.readReleases(id))[0],
    { verdict: { state: 'pending' }, prepared: false, switchedAt: null },
    'it is on probation anew',
  );
});

test('a branch the project excludes is skipped with the reason, and nothing is recorded of it', async (t) => {
  const { build, remote, store, reconciles } = buildHost(t, { exclude: ['wip/**', 'main'] });
  const commit = commitFiles(remote, app());
  git(remote, 'branch', 'wip/x');

  assert.deepEqual(await build({ branch: 'wip/x' }), {
    outcome: 'skipped',
    commit,
    reason: 'the project excludes branches that match wip/**',
  });

  assert.deepEqual([await store.list(), reconciles], [[], []]);
  assert.equal((await build()).outcome, 'built', 'the production branch is always included');
});

test('a message that says so is skipped, and what stands stays', async (t) => {
  const { build, remote, store } = buildHost(t);
  commitFiles(remote, app());
  await build();
  const commit = commitFiles(remote, app(), 'words [skip ci]');

  assert.partialDeepStrictEqual(await build(), { outcome: 'skipped', commit });

  assert.equal((await store.read(id))?.desired, 1);
});

test('a person who asks for a head whose message says not to build it gets it built, by deploy and by retry', async (t) => {
  const { build, remote, store } = buildHost(t);
  for (const ask of [{ job: { asked: { by: 'person' } } }, { retry: true }] as const) {
    const commit = commitFiles(remote, app(), 'words [skip ci]');
    assert.equal((await build()).outcome, 'skipped');

    assert.partialDeepStrictEqual(await build(ask), { outcome: 'built', commit });

    assert.partialDeepStrictEqual((await store.read(id))?.head, { outcome: 'released', commit });
  }
});

test('a push that asked not to be built is skipped while its commit is the head, unless a person asks for it', async (t) => {
  const { build, remote, store } = buildHost(t);
  const skip = 'the push option ci.skip asks not to build it';
  const seen = commitFiles(remote, app());

  assert.deepEqual(await build({ job: { seen, skip } }), { outcome: 'skipped', commit: seen, reason: skip });
  assert.partialDeepStrictEqual((await store.read(id))?.head, { outcome: 'skipped', commit: seen, reason: skip });
  assert.equal((await build({ job: { seen, skip, asked: { by: 'person' } } })).outcome, 'built');
  commitFiles(remote, app());
  assert.equal((await build({ job: { seen, skip } })).outcome, 'built');
});

test('a head that is not to be built is built all the same while a commit in it that was asked for is owed', async (t) => {
  const by = { message: 'words [skip ci]', option: 'words' };
  for (const [how, words] of Object.entries(by)) {
    const { build, remote, store, asks, lines } = buildHost(t);
    commitFiles(remote, app());
    await build();
    const wanted = commitFiles(remote, app(), 'to be built');
    const head = commitFiles(remote, app(), words);
    const skip = 'the push option ci.skip asks not to build it';
    // As the sweep sees the head, or the push that asks not to build it joins: neither undoes what was asked for before.
    asks.push({ commit: head, ...(how === 'option' ? { skip } : {}) }, { commit: wanted });

    const outcome = await build({ job: { seen: head } });

    assert.partialDeepStrictEqual(outcome, { outcome: 'built', commit: head, release: 2 }, how);
    assert.ok(
      lines.some((line) => line.includes(`${wanted}, which is in it, was asked for`)),
      lines.join('\n'),
    );
    assert.partialDeepStrictEqual((await store.read(id))?.head, { outcome: 'released', commit: head });
  }
});

test('a job that waited for what it had seen builds the head that came after it, also as the first of a branch', async (t) => {
  const { build, remote } = buildHost(t);
  const seen = commitFiles(remote, app(), 'to be built');
  const commit = commitFiles(remote, app(), 'words [skip ci]');

  assert.partialDeepStrictEqual(await build({ job: { seen } }), { outcome: 'built', commit, release: 1 });
});

test('a branch of which nothing else was asked for stays skipped, whatever of its history is not to be', async (t) => {
  const { build, remote, asks } = buildHost(t);
  commitFiles(remote, app(), 'to be built, had it been pushed alone');
  const earlier = commitFiles(remote, app(), 'one [skip ci]');
  const commit = commitFiles(remote, app(), 'another [skip ci]');
  asks.push({ commit }, { commit: earlier });

  assert.partialDeepStrictEqual(await build({ job: { seen: commit } }), { outcome: 'skipped', commit });
});

test('nothing is owed that was released, found unchanged, failed, held, or forced away', async (t) => {
  const skipped = async (
    outcomeOf: (files: Record<string, string>, host: ReturnType<typeof buildHost>) => Promise<string>,
  ) => {
    const host = buildHost(t);
    const files = app();
    commitFiles(host.remote, files);
    await host.build();
    const seen = await outcomeOf(files, host);
    const commit = commitFiles(host.remote, app(), 'words [skip ci]');
    assert.partialDeepStrictEqual(await host.build({ job: { seen } }), { outcome: 'skipped', commit });
  };

  await skipped(async (_files, { build, remote }) => {
    const seen = commitFiles(remote, app());
    assert.equal((await build({ job: { seen } })).outcome, 'built');
    return seen;
  });
  await skipped(async (files, { build, remote }) => {
    const seen = commitFiles(remote, { ...files, README: 'new words' });
    assert.equal((await build({ job: { seen } })).outcome, 'unchanged');
    return seen;
  });
  await skipped(async (_files, { build, remote }) => {
    const seen = commitFiles(remote, flakeOf(derivation('server', `echo compiling ${fresh()}; exit 1`)));
    await assert.rejects(build({ job: { seen } }), fails('BUILD_FAILED'));
    return seen;
  });
  await skipped(async (_files, { remote, store }) => {
    const seen = commitFiles(remote, app());
    const recorded = await store.read(id);
    assert.ok(recorded);
    const head = { outcome: 'cancelled', commit: seen, by: 'ada', why: '', at: new Date().toISOString() } as const;
    await store.write({ ...recorded, head });
    return seen;
  });
  await skipped(async (_files, { remote }) => {
    const seen = commitFiles(remote, app());
    git(remote, 'reset', '--quiet', '--hard', 'HEAD~1');
    return seen;
  });
});

test('what a head that is skipped settles is owed to none after it, and what is told of late is', async (t) => {
  const { build, remote, asks } = buildHost(t);
  const files = app();
  commitFiles(remote, files);
  await build();
  const unchanged = commitFiles(remote, { ...files, README: 'new words' });
  asks.push({ commit: unchanged });
  assert.equal((await build({ job: { seen: unchanged } })).outcome, 'unchanged');
  const late = commitFiles(remote, app());
  const second = commitFiles(remote, app());
  const skip = 'the push option ci.skip asks not to build it';
  asks.unshift({ commit: second, skip });
  assert.equal((await build({ job: { seen: second, skip } })).outcome, 'skipped');
  assert.deepEqual(asks, [{ commit: second, skip }]);

  const third = commitFiles(remote, app(), 'words [skip ci]');
  assert.equal((await build({ job: { seen: third } })).outcome, 'skipped');

  assert.partialDeepStrictEqual(await build({ job: { seen: late } }), { outcome: 'built', commit: third });
});

test('a running build goes on for a head that is not to be built, unless something else in that is', async (t) => {
  const { host, build, remote, asks } = buildHost(t);
  commitFiles(remote, app());
  await build();
  const building = { project: 'app', slug: 'main', branch: 'main', jobId: '1', began: 0 };
  const { signal } = new AbortController();
  const ask = async (commit: string) => await createWhyGoesOn(host)({ ...building, commit }, signal);
  const first = commitFiles(remote, app());
  asks.unshift({ commit: first });

  asks.unshift({ commit: commitFiles(remote, app(), 'words [skip ci]') });
  assert.equal(await ask(first), 'its message says not to build it');
  const skip = 'the push option ci.skip asks not to build it';
  asks.unshift({ commit: commitFiles(remote, app()), skip });
  assert.equal(await ask(first), skip);
  asks.unshift({ commit: commitFiles(remote, app()) });
  assert.equal(await ask(first), null);
  asks.unshift({ commit: commitFiles(remote, app(), 'words [skip ci]') });
  assert.equal(await ask(first), null, 'the commit before is owed');
  git(remote, 'checkout', '--quiet', '-b', 'other');
  git(remote, 'branch', '-D', 'main');
  assert.equal(await ask(first), null);
});

test('a head that touches no file the project builds for is skipped, compared with what stands and not with its parent', async (t) => {
  const { build, remote, store } = buildHost(t, { paths: ['**/*.nix', 'build.sh'] });
  const first = app();
  const docs = (words: string) => ({ ...first, 'docs/read me.md': words });
  commitFiles(remote, docs('one'));
  assert.equal((await build()).outcome, 'built');
  const commit = commitFiles(remote, docs('two'));

  assert.deepEqual(await build(), {
    outcome: 'skipped',
    commit,
    reason: 'since release 1 it touches no file that matches **/*.nix or build.sh',
  });
  assert.equal((await store.read(id))?.desired, 1);

  const second = app();
  commitFiles(remote, { ...docs('two'), ...second });
  commitFiles(remote, { ...docs('three'), ...second });
  assert.equal((await build()).outcome, 'built', 'the commit before the head touched one');
});

test('while a branch is pinned such a head is built: what is un-pinned must not be what is newer than the pin and older than the head', async (t) => {
  const { build, remote, store } = buildHost(t, { paths: ['**/*.nix', 'build.sh'] });
  const [good, bad] = [app(), app()];
  for (const files of [good, bad]) {
    commitFiles(remote, files);
    await build();
  }
  const deployment = await store.read(id);
  assert.ok(deployment);
  const pinned = { by: 'ada', at: new Date().toISOString(), why: 'the newer one is bad' };
  await store.write({ ...deployment, desired: 1, pinned });
  const reverted = commitFiles(remote, good);

  assert.partialDeepStrictEqual(await build(), { outcome: 'unchanged', commit: reverted, release: 1 });

  const recorded = await store.read(id);
  assert.ok(recorded);
  const unpin = { kind: 'unpin', project: 'app', branch: 'main', by: 'ada', why: '' } as const;
  assert.equal(decide(unpin, recorded, await store.readReleases(id), pinned).desired, 1);
});

test('a branch that is gone asks for a sweep, which decides, and is recorded as nothing by the build', async (t) => {
  const { build, remote, store, sweeps } = buildHost(t);
  commitFiles(remote, app());
  git(remote, 'branch', 'other');
  await build({ branch: 'other' });
  git(remote, 'branch', '-D', 'other');

  assert.equal((await build({ branch: 'other' })).outcome, 'gone');
  assert.equal((await build({ branch: 'never' })).outcome, 'gone');

  assert.partialDeepStrictEqual(await store.read({ project: 'app', slug: 'other' }), { present: true, desired: 1 });
  assert.equal(await store.read({ project: 'app', slug: 'never' }), null);
  assert.deepEqual(sweeps, ['app', 'app']);
});

test('a build that is aborted leaves no release, no root and no verdict on the commit', async (t) => {
  const { build, remote, store, layout } = buildHost(t);
  const stop = new AbortController();
  const reason = new Error('superseded');
  commitFiles(remote, appFlake('server', 'exec true', `echo started ${fresh()}; sleep 30`));

  const building = build({
    signal: stop.signal,
    onLine: (line) => line.startsWith('server> started') && stop.abort(reason),
  });

  await assert.rejects(building, (error) => error === reason);
  assert.equal(await store.read(id), null);
  assert.throws(() => lstatSync(layout.releaseRoot(id, 1)), /ENOENT/);
});

test('a build that was cut short is not evaluated again, unless a person asks or its derivation was collected', async (t) => {
  const { build, remote, store, layout, run, lines } = buildHost(t);
  const remembered = () => lines.splice(0).some((line) => line.startsWith('it was evaluated before'));
  const cutShort = async (retry: boolean) => {
    const stop = new AbortController();
    const reason = new Error('the worker is stopped');
    const onLine = (line: string) => line.startsWith('server> started') && stop.abort(reason);
    await assert.rejects(build({ signal: stop.signal, onLine, retry }), (error) => error === reason);
    return remembered();
  };
  commitFiles(remote, appFlake('server', 'exec true', `echo started ${fresh()}; sleep 2`));

  assert.equal(await cutShort(false), false);
  assert.equal(await cutShort(false), true);
  assert.equal(await cutShort(true), false);

  const { evaluation } = RememberedEvaluation.parse(JSON.parse(readFileSync(layout.evaluation(id), 'utf8')));
  await run(['nix-store', '--delete', evaluation.drvPath], { env: { NIX_REMOTE: 'daemon' } });
  assert.equal((await build()).outcome, 'built');
  assert.equal(remembered(), false);
  assert.equal((await store.readReleases(id))[0]?.drvPath, evaluation.drvPath);
});

test('a branch found gone in the last moment does not come back', async (t) => {
  const { build, remote, store, host, layout } = buildHost(t);
  const stop = new AbortController();
  commitFiles(remote, app());

  const building = build(
    { signal: stop.signal },
    {
      async readManifest(...read) {
        const manifest = await host.readManifest(...read);
        stop.abort(new Error('gone'));
        return manifest;
      },
    },
  );

  await assert.rejects(building, /gone/);
  assert.equal(await store.read(id), null);
  assert.throws(() => lstatSync(layout.releaseRoot(id, 1)), /ENOENT/);
});

test('a release that cannot be named leaves neither record nor root', async (t) => {
  const { build, remote, store, layout } = buildHost(t);
  commitFiles(remote, app());

  const building = build({}, { store: { ...store, write: () => Promise.reject(new Error('disk full')) } });

  await assert.rejects(building, /disk full/);
  assert.deepEqual(readdirSync(layout.releases(id)), []);
});

test('a release that is named stays, also where what named it was written and could not be synced', async (t) => {
  const { build, remote, store, layout } = buildHost(t);
  const commit = commitFiles(remote, app());
  const write = async (deployment: Parameters<typeof store.write>[0]) => {
    await store.write(deployment);
    throw new AppError('HOST_FILES', 'EIO: i/o error, fsync');
  };

  await assert.rejects(build({}, { store: { ...store, write } }), fails('HOST_FILES'));

  assert.equal((await store.read(id))?.desired, 1);
  assert.deepEqual(readdirSync(layout.releases(id)).toSorted(), ['1', '1.json']);
  assert.deepEqual(await build(), { outcome: 'unchanged', commit, release: 1, reason: 'release 1 is of this commit' });
});

test('a sequence number is never given twice while any trace of it is left', async (t) => {
  const { build, remote, layout } = buildHost(t);
  commitFiles(remote, app());
  mkdirSync(layout.releases(id), { recursive: true });
  mkdirSync(layout.units, { recursive: true });
  symlinkSync('/nix/store', layout.releaseRoot(id, 4)); // a crash left a root
  writeFileSync(`${layout.units}/bough-app--main--r6-web.service`, '');
  writeFileSync(`${layout.units}/bough-app--other--r9-web.service`, '');

  assert.partialDeepStrictEqual(await build(), { outcome: 'built', release: 7 });
});

test('a rotation while a build runs takes a number of its own, and the build a later one', async (t) => {
  const { build, remote, store, host, layout } = buildHost(t);
  commitFiles(remote, app());
  await build();
  commitFiles(remote, app());

  let rotated = 0;
  const outcome = await build(
    {},
    {
      async readManifest(outPath, project) {
        const [release] = await store.readReleases(id);
        const deployment = await store.read(id);
        assert.ok(release && deployment);
        const { seq, letGo } = await host.claimSeq(id);
        rotated = seq;
        await store.writeRelease({ ...release, seq });
        await store.write({ ...deployment, desired: seq, lastSeq: seq });
        letGo();
        return readManifest(outPath, project);
      },
    },
  );

  assert.equal(rotated, 3);
  assert.partialDeepStrictEqual(outcome, { outcome: 'built', release: 4 });
  assert.partialDeepStrictEqual(await store.read(id), { desired: 4, lastSeq: 4 });
  assert.ok(existsSync(layout.releaseRoot(id, 4)));
  assert.ok(!existsSync(layout.releaseRoot(id, 2)), 'nothing is left of the number it had');
});

test('a failed release a person retries is desired again, though a rotation has made another one so', async (t) => {
  const { build, remote, store } = buildHost(t);
  commitFiles(remote, app());
  await build();
  commitFiles(remote, app());
  await build();
  const [first, second] = await store.readReleases(id);
  const deployment = await store.read(id);
  assert.ok(first && second && deployment);
  const at = new Date().toISOString();
  await store.writeRelease({ ...second, verdict: { state: 'failed', at, code: 'APP_EXITED', message: 'it ended' } });
  await store.writeRelease({ ...first, seq: 3 });
  await store.write({ ...deployment, desired: 3, lastSeq: 3 });

  await build({ retry: true });
  assert.equal((await store.read(id))?.desired, 2);

  await store.writeRelease({ ...second, verdict: { state: 'failed', at, code: 'APP_EXITED', message: 'it ended' } });
  await store.write({ ...deployment, desired: 3, lastSeq: 3, pinned: { by: 'ada', at, why: '' } });
  await build({ retry: true });
  assert.equal((await store.read(id))?.desired, 3, 'a pin is a person who has decided');
});

test('what a kept release names is pinned again where the mirror was lost with its pins', async (t) => {
  const { build, remote, layout, mirror, pruneStrays } = buildHost(t);
  const commit = commitFiles(remote, app());
  await build();
  rmSync(layout.mirror('app'), { recursive: true });
  assert.deepEqual(await pruneStrays('app'), [], 'there is no mirror yet');
  await mirror.fetch('app', remote);

  assert.deepEqual(await pruneStrays('app'), [`pinned ${commit.slice(0, 12)} again`]);
  assert.deepEqual(await mirror.pinned('app'), [commit]);
  assert.deepEqual(await pruneStrays('app'), []);
});

test('roots and pins of no release are pruned, but never those of the running build', async (t) => {
  const { build, remote, layout, mirror, pruneStrays } = buildHost(t);
  const first = commitFiles(remote, app());
  await build();
  const stray = commitFiles(remote, app());
  await mirror.fetch('app', remote);
  await mirror.pin('app', stray);
  symlinkSync('/nix/store', layout.releaseRoot(id, 9));
  symlinkSync('/nix/store', `${layout.releaseRoot(id, 9)}-bin`);
  commitFiles(remote, appFlake('server', 'exec true', `echo started ${fresh()}`));

  let during: string[] = [];
  const outcome = await build(
    {},
    {
      async readManifest(outPath, project) {
        during = await pruneStrays('app');
        return readManifest(outPath, project);
      },
    },
  );
  const after = await pruneStrays('app');

  assert.equal(outcome.outcome, 'built');
  assert.deepEqual(during, [`removed the pinned ref of ${stray.slice(0, 12)}`]);
  assert.deepEqual(after.toSorted(), [
    'removed the GC root app/main/9 of no release',
    'removed the GC root app/main/9-bin of no release',
  ]);
  assert.ok((await mirror.pinned('app')).includes(first));
  assert.equal((await mirror.pinned('app')).length, 2);
});

test('a release whose output was collected is built again', async (t) => {
  const { build, remote, layout, run, store } = buildHost(t);
  commitFiles(remote, app());
  await build();
  const outPath = (await store.readReleases(id))[0]?.outPath ?? '';
  rmSync(layout.releaseRoot(id, 1));
  await run(['nix-store', '--delete', outPath], { env: { NIX_REMOTE: 'daemon' } });

  assert.partialDeepStrictEqual(await build(), { outcome: 'built', release: 2 });
  assert.ok(existsSync(outPath));
});

test('a project nobody configured is refused', async (t) => {
  await assert.rejects(buildHost(t).build({ project: 'unknown' }), fails('PROJECT_UNKNOWN'));
});

test('an output without a program, with several, or with a wrong manifest is named', async (t) => {
  const { build, remote, store } = buildHost(t);
  const build2 = async (script: string) => {
    commitFiles(remote, flakeOf(derivation('server', `${script} # ${fresh()}`)));
    return build();
  };

  await assert.rejects(build2('mkdir $out'), fails('APP_NO_PROGRAM', /no program in bin/));
  await assert.rejects(
    build2('mkdir -p $out/bin; for p in a b; do echo > $out/bin/$p; chmod 755 $out/bin/$p; done'),
    fails('APP_NO_PROGRAM', /several programs in bin\/ \(a, b\)/),
  );
  await assert.rejects(
    build2(
      `mkdir -p $out/share/bough; echo '{"schema":1,"services":{"web":{"exec":["sh"],"listen":"prot"}}}' > $out/share/bough/deployment.json`,
    ),
    fails('APP_MANIFEST', /services\.web\.exec\.0: must be a store path.*listen/s),
  );
  await assert.rejects(
    build2('mkdir -p $out/share/bough; ln -s /etc/passwd $out/share/bough/deployment.json'),
    fails('APP_MANIFEST', /leads out of the store/),
  );
  await assert.rejects(
    build2('mkdir -p $out/share/bough/deployment.json'),
    fails('APP_MANIFEST', /no file of at most/),
  );
  await assert.rejects(
    build2('mkdir -p $out/share/bough; head -c 2000000 /dev/zero > $out/share/bough/deployment.json'),
    fails('APP_MANIFEST', /no file of at most/),
  );
  await assert.rejects(
    build2(
      `mkdir -p $out/share/bough; echo "{\\"schema\\":1,\\"services\\":{\\"web\\":{\\"exec\\":[\\"$out/bin/none\\"]}}}" > $out/share/bough/deployment.json`,
    ),
    fails('APP_MANIFEST', /services\.web\.exec\.0: .*bin\/none is no program/),
  );
  await assert.rejects(
    build2(
      `mkdir -p $out/share/bough; echo '{"schema":1,"services":{"web":{"exec":["/nix/store/../../bin/sh"]}}}' > $out/share/bough/deployment.json`,
    ),
    fails('APP_MANIFEST', /services\.web\.exec\.0: .*is no program/),
  );
  assert.equal((await store.read(id))?.desired, null);
});

test('a builder that says each time that the disk is full is no matter of the sweep any more where there is room', async (t) => {
  const { build, remote, store } = buildHost(t);
  const script = `echo ${fresh()}; echo 'write: No space left on device'; exit 1`;
  const complaining = commitFiles(remote, flakeOf(derivation('server', script)));
  const full = fails('DISK_FULL', /^the disk was full while server was built/);
  const headOf = async () => (await store.read(id))?.head ?? null;

  await assert.rejects(build(), full);
  assert.equal(await headOf(), null, 'it is tried again by itself');
  await assert.rejects(build({ last: true }, { hasRoom: () => Promise.resolve(false) }), full);
  assert.equal(await headOf(), null, 'nothing else than room is wanted');
  await assert.rejects(build({ last: true }), full);

  assert.partialDeepStrictEqual(await headOf(), { outcome: 'failed', commit: complaining, code: 'DISK_FULL' });
});

test('an evaluation that is killed each time is no matter of the sweep any more', async (t) => {
  const { build, remote, store } = buildHost(t);
  const commit = commitFiles(remote, appFlake('server'));
  const evaluate = () => Promise.reject(new AppError('EVAL_MEMORY', 'it was killed'));

  await assert.rejects(build({}, { evaluate }), fails('EVAL_MEMORY'));
  assert.equal((await store.read(id))?.head ?? null, null, 'it is tried again by itself');
  await assert.rejects(build({ last: true }, { evaluate }), fails('EVAL_MEMORY'));

  assert.partialDeepStrictEqual((await store.read(id))?.head, { outcome: 'failed', commit, code: 'EVAL_MEMORY' });
});

test('a builder that is killed each time is no matter of the sweep any more, and a retry builds it', async (t) => {
  const { build, remote, store } = buildHost(t);
  const killed = commitFiles(remote, flakeOf(derivation('server', `echo ${fresh()}; exit 137`)));

  await assert.rejects(build(), fails('BUILD_SIGNAL', /exit code 137/));
  assert.equal((await store.read(id))?.head ?? null, null, 'it is tried again by itself');
  await assert.rejects(build({ last: true }), fails('BUILD_SIGNAL', /exit code 137/));

  const head = (await store.read(id))?.head;
  assert.deepEqual([head?.outcome, head?.commit], ['failed', killed]);
  await assert.rejects(build({ retry: true }), fails('BUILD_SIGNAL', /exit code 137/));
});
