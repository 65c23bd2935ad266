// One Debian is enough: names are compared in Bough alone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { slugOf } from '@bough/host/slug.ts';
import { execa } from 'execa';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

// Names of which one begins with another, and names that differ in what a path or a unit's name would make of them.
const branches = [
  'feat',
  'feature',
  'feature-2',
  'feature-2-r1',
  'features/2',
  'features/2x',
  'features-2',
  'r1',
  'web',
];

let bough: Installation;
before(async () => {
  bough = await install();
  for (const branch of branches) await bough.push(branch, app(branch));
  for (const branch of branches) await bough.untilServes(branch, `I am ${branch} `, 120_000);
  await bough.untilIdle();
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

/** An app that keeps something, and says which branch it is. */
const app = (branch: string) =>
  appFiles({
    text: branch,
    server: `import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
writeFileSync(process.env.STATE_DIRECTORY + '/kept', process.env.BOUGH_BRANCH);
createServer((_, response) => response.end('I am ' + process.env.BOUGH_BRANCH + ' ')).listen(Number(process.env.PORT), '127.0.0.1');
`,
  });

/** Every file below a folder, with what it holds or leads to; sockets with their inode, which a new one would not have. */
async function below(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const found: string[] = [];
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    const path = join(folder, name);
    const stat = await lstat(path);
    const what = stat.isSymbolicLink()
      ? `-> ${await readlink(path)}`
      : stat.isFile()
        ? createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
        : stat.isSocket()
          ? `socket ${stat.ino}`
          : 'folder';
    found.push(`${path} ${what}`);
  }
  return found;
}

/** All there is of a branch on this machine. */
async function tracesOf(branch: string): Promise<string[]> {
  const { layout } = bough;
  const id = { project: 'demo', slug: slugOf(branch) };
  const name = `bough-demo--${id.slug}--r1-web`;
  const units = ['.service', '.socket', '--proxy.service'].map((end) => `${name}${end}`);
  const shown = await systemctl(
    'show',
    '--property=Id,LoadState,ActiveState,MainPID,InvocationID,NRestarts,StateChangeTimestampMonotonic',
    ...units,
  );
  const files = await Promise.all(
    units
      .flatMap((unit) => [layout.unitFile(unit), layout.unitLink(unit)])
      .map(async (path) => [path, existsSync(path) ? await readFile(path, 'utf8') : 'none']),
  );
  const commit = (await bough.repository.git('ls-remote', 'origin', `refs/heads/${branch}`)).split('\t')[0] ?? '';
  const refs = (
    await execa('git', ['--git-dir', layout.mirror('demo'), 'for-each-ref', '--format=%(refname) %(objectname)'])
  ).stdout.split('\n');
  return [
    shown,
    ...files.map((each) => each.join(' ')),
    ...(await below(layout.deployment(id))),
    ...(await below(layout.sockets(id))),
    ...(await below(`/var/lib/private/${layout.appDirectory(id)}`)),
    existsSync(layout.bootRecord(id)) ? await readFile(layout.bootRecord(id), 'utf8') : 'no boot record',
    ...refs.filter((ref) => ref === `refs/heads/${branch} ${commit}` || ref === `refs/bough/${commit} ${commit}`),
    (await get(`/${id.slug}/`)).body,
  ];
}

const deleted = new Set<string>();
for (const gone of ['feature', 'features/2', 'r1', 'feat', 'web']) {
  test(`deleting ${gone} leaves nothing of it and touches nothing of the branches named like it`, async () => {
    const slug = slugOf(gone);
    const rest = branches.filter((branch) => branch !== gone && !deleted.has(branch));
    const earlier = await Promise.all(rest.map(tracesOf));
    for (const [index, branch] of rest.entries()) {
      for (const trace of [
        /^refs\/bough\//,
        /^refs\/heads\//,
        /\/releases\/1 -> \/nix\/store\//,
        /web\.sock socket/,
        /\/kept /,
      ])
        assert.ok(
          (earlier[index] ?? []).some((line) => trace.test(line)),
          `${branch} has ${trace}`,
        );
    }

    await bough.remove(gone);
    deleted.add(gone);
    await until(
      'it is gone',
      () =>
        !existsSync(bough.layout.deployment({ project: 'demo', slug })) &&
        !existsSync(bough.layout.sockets({ project: 'demo', slug })),
      30_000,
    );
    await bough.untilIdle();
    await bough.sweep();

    for (const [index, branch] of rest.entries()) assert.deepEqual(await tracesOf(branch), earlier[index], branch);
    assert.equal((await systemctl('list-units', '--all', '--no-legend', `bough-demo--${slug}--*`)).trim(), '');
    const ours = (name: string) => name.startsWith(`bough-demo--${slug}--`);
    assert.deepEqual((await readdir(bough.layout.unitDir)).filter(ours), []);
    assert.deepEqual((await readdir(bough.layout.units)).filter(ours), []);
    assert.ok(!existsSync(`/var/lib/private/bough-apps/demo--${slug}`));
    assert.equal((await get(`/${slug}/`)).status, 404);
  });
}
