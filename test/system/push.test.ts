import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Deployment } from '@bough/core/state/deployment.ts';
import { slugOf } from '@bough/host/slug.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install();
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const unitOf = (branch: string, seq: number) => `bough-demo--${slugOf(branch)}--r${seq}-web.service`;

test('two branches are live at their URLs through Caddy, as processes out of different store paths', async () => {
  await bough.push('main', appFiles({ text: 'hello main' }));
  await bough.push('feature/hello', appFiles({ text: 'hello feature' }));

  await bough.untilServes('main', 'hello main from release 1 of main');
  await bough.untilServes('feature/hello', 'hello feature from release 1 of feature/hello');

  const programs = await Promise.all(
    ['main', 'feature/hello'].map(
      async (branch) =>
        /path=(\S+)/.exec(await systemctl('show', '--property=ExecStart', unitOf(branch, 1)))?.[1] ?? '',
    ),
  );
  assert.match(programs[0] ?? '', /^\/nix\/store\/[0-9a-z]{32}-app\/bin\/app$/);
  assert.match(programs[1] ?? '', /^\/nix\/store\/[0-9a-z]{32}-app\/bin\/app$/);
  assert.notEqual(programs[0], programs[1]);
  const status = await systemctl('status', unitOf('main', 1));
  assert.match(status, /Service web of demo main, release 1/);
  assert.match(status, /CGroup: [^]* \/nix\/store\//, 'what runs is out of the store');
});

test('a push that changes nothing in the output restarts nothing', async () => {
  const files = appFiles({ text: 'hello main' });
  const pid = await systemctl('show', '--value', '--property=MainPID', unitOf('main', 1));
  const commit = await bough.push('main', files);

  const job = await until('the build has ended', async () =>
    (await bough.builds.getCompleted()).find(({ returnvalue }) => returnvalue?.commit === commit),
  );

  assert.equal(job.returnvalue.outcome, 'unchanged');
  await bough.untilIdle();
  assert.equal(await systemctl('show', '--value', '--property=MainPID', unitOf('main', 1)), pid);
});

test('a build that fails leaves the old release serving, and its job failed with class and last lines', async () => {
  await bough.push('main', appFiles({ text: 'broken', build: 'echo "error: expected ; before }" >&2; exit 1' }));

  const [job] = await until('the job has failed', async () => {
    const failed = await bough.builds.getFailed();
    return failed.length > 0 && failed;
  });

  assert.match(job?.failedReason ?? '', /^BUILD_FAILED: /);
  assert.match(job?.failedReason ?? '', /expected ; before }/);
  assert.match((await get('/main/')).body, /hello main from release 1/);
});

test('twenty pushes to five branches at once never overlap, end at the newest commits and waste at most one build a branch', async () => {
  const branches = [1, 2, 3, 4, 5].map((number) => `burst/${number}`);
  const prepared = new Map<string, string[]>();
  for (const branch of branches) {
    const versions = [1, 2, 3, 4].map((round) => appFiles({ text: `${branch} round ${round}`, buildSec: 0.4 }));
    prepared.set(branch, await bough.repository.prepare(versions));
  }
  const earlier = (await buildRuns()).length;
  const deliveries: Promise<void>[] = [];
  for (const round of [0, 1, 2, 3]) {
    for (const [branch, commits] of prepared) {
      const commit = commits[round] ?? assert.fail();
      await bough.repository.gitAtForge('update-ref', `refs/heads/${branch}`, commit);
      deliveries.push(bough.deliverPush(branch, commit)); // while the next ones are made, and the first are built
    }
  }
  await Promise.all(deliveries);

  for (const branch of branches) await bough.untilServes(branch, `${branch} round 4`, 60_000);
  await bough.untilIdle();
  const runs = (await buildRuns()).slice(earlier);
  assert.equal(overlap(runs), 0n);
  for (const branch of branches) {
    const ofBranch = runs.filter(({ text }) => text.startsWith(`${branch} `));
    assert.ok(ofBranch.length <= 2, `${branch} was built ${ofBranch.length} times`);
    const file = bough.layout.deploymentFile({ project: 'demo', slug: slugOf(branch) });
    const { head } = Deployment.parse(JSON.parse(await readFile(file, 'utf8')));
    assert.equal(head?.commit, prepared.get(branch)?.at(-1));
  }
});

test('a newer push stops the running build of an older commit, whose job ends superseded', async () => {
  const old = await bough.push('main', appFiles({ text: 'long build', buildSec: 30 }));
  await until('it is being built', async () => (await buildRuns()).some(({ text }) => text === 'long build'), 20_000);

  const commit = await bough.push('main', appFiles({ text: 'short build' }));

  await bough.untilServes('main', 'short build');
  const job = (await bough.builds.getCompleted()).find(({ returnvalue }) => returnvalue?.outcome === 'superseded');
  assert.equal(job?.returnvalue.commit, old);
  assert.equal(job?.returnvalue.by, commit);
  assert.equal((await buildRuns()).find(({ text }) => text === 'long build')?.ended, false);
  assert.equal(overlap(await buildRuns()), 0n);
});

test('a deleted branch leaves nothing, and its URL answers 404 with a plain page', async () => {
  const slug = slugOf('feature/hello');
  const root = await readlink(`${bough.layout.deployments}/demo/${slug}/releases/1`);
  const mirror = bough.layout.mirror('demo');
  const [commit = ''] = (await bough.repository.git('ls-remote', 'origin', 'refs/heads/feature/hello')).split('\t');
  assert.ok((await bough.repository.pinsOf(mirror)).includes(commit));
  assert.equal((await get(`/${slug}/`)).status, 200);

  await bough.remove('feature/hello');

  await until('nothing is recorded of it', () => !existsSync(`${bough.layout.deployments}/demo/${slug}`), 20_000);
  await bough.untilIdle();
  assert.equal((await systemctl('list-units', '--all', '--no-legend', `bough-demo--${slug}--*`)).trim(), '');
  assert.ok(!existsSync(`${bough.layout.runtimeDir}/demo/${slug}`));
  assert.ok(!(await readdir(bough.layout.units)).some((name) => name.includes(slug)));
  assert.ok(!(await readdir(bough.layout.unitDir)).some((name) => name.includes(slug)));
  assert.ok(!(await bough.repository.headsOf(mirror)).includes('feature/hello'));
  assert.ok(!(await bough.repository.pinsOf(mirror)).includes(commit), 'its commit is still pinned');
  const { execa } = await import('execa');
  const roots = (await execa('nix-store', ['--gc', '--print-roots'])).stdout;
  assert.ok(!roots.includes(root), 'its store path is still held');
  const page = await get(`/${slug}/`);
  assert.equal(page.status, 404);
  assert.ok(!page.body.includes('demo'));
});
