import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { slugOf } from '@bough/host/slug.ts';
import type { Queue } from 'bullmq';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install({});
  await bough.push('main', appFiles({ text: 'good' }));
  await bough.untilServes('main', 'good');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

/** The reason of the next job that fails. */
async function failure(queue: Queue, work: () => Promise<unknown>): Promise<string> {
  const earlier = new Set((await queue.getFailed()).map(({ id }) => id));
  await work();
  return await until(
    'a job fails',
    async () => (await queue.getFailed()).find(({ id }) => !earlier.has(id))?.failedReason,
    60_000,
  );
}

const flake = (output: string, inputs = '') => `{ ${inputs} outputs = { self, ... }@inputs: { ${output} }; }`;
const buildFailures: [string, Record<string, string>, RegExp][] = [
  ['a flake without the attribute', { 'flake.nix': flake('packages.x86_64-linux.other = 1;') }, /^EVAL_ATTRIBUTE: /],
  ['no flake at all', { 'README.md': 'nothing here' }, /^EVAL_NO_FLAKE: /],
  [
    'a missing flake.lock',
    {
      ...appFiles({ text: 'x' }),
      'flake.nix': flake('packages.x86_64-linux.default = inputs.dep;', 'inputs.dep.url = "path:./dep";'),
      'dep/flake.nix': flake(''),
    },
    /^EVAL_(LOCK|PURITY|FETCH|ERROR): /,
  ],
  [
    'a flake that does not evaluate',
    { 'flake.nix': flake('packages.x86_64-linux.default = throw "a deliberate error";') },
    /^EVAL_ERROR: [\s\S]*a deliberate error/,
  ],
  [
    'an output without a program',
    {
      'flake.nix': flake(
        'packages.x86_64-linux.default = derivation { name = "x"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; };',
      ),
    },
    /^APP_NO_PROGRAM: /,
  ],
  [
    'a manifest with wrong fields',
    appFiles({
      text: 'x',
      build: `mkdir -p "$out/share/bough"; echo '{"schema": 1, "services": {"web": {"exec": []}}}' > "$out/share/bough/deployment.json"`,
    }),
    /^APP_MANIFEST: [\s\S]*exec/,
  ],
];
for (const [what, files, reason] of buildFailures) {
  test(`${what} is refused with ${reason.source.slice(1, 20)}…, and the old release serves on`, async () => {
    assert.match(await failure(bough.builds, () => bough.push('main', files)), reason);
    assert.match((await get('/main/')).body, /good/);
  });
}

const releaseFailures: [string, string, RegExp][] = [
  ['an app that never listens', 'setInterval(() => {}, 1000);', /^APP_NEVER_LISTENED: /],
  [
    'an app that listens and answers 500',
    `import { createServer } from 'node:http'; createServer((q, r) => { r.statusCode = 500; r.end(); }).listen(process.env.PORT);`,
    /^APP_UNHEALTHY: [\s\S]*500/,
  ],
  ['an app that exits', `console.error('no database'); process.exit(1);`, /^APP_EXITED: [\s\S]*no database/],
];
for (const [what, server, reason] of releaseFailures) {
  test(`${what} fails its release, and the old one serves on`, async () => {
    assert.match(await failure(bough.reconciles, () => bough.push('main', appFiles({ text: what, server }))), reason);
    assert.match((await get('/main/')).body, /good/);
  });
}

test('a commit that vanished by force push is not missed: the new head is built', async () => {
  const gone = await bough.repository.commit('forced', appFiles({ text: 'gone' }));
  await bough.repository.commit('forced', appFiles({ text: 'stays' }));
  await bough.deliverPush('forced', gone);

  await bough.untilServes('forced', 'stays');
});

test('a branch name of 200 characters is served at its slug', async () => {
  const branch = `a/${'very-'.repeat(39)}long`;
  await bough.push(branch, appFiles({ text: 'long name' }));

  await bough.untilServes(branch, 'long name');
  assert.ok(slugOf(branch).length <= 40);
});

test('branches whose names look alike are deployed apart, and deleting one leaves the other', async () => {
  await bough.push('feat/a', appFiles({ text: 'slash' }));
  await bough.push('feat-a', appFiles({ text: 'dash' }));
  await bough.untilServes('feat/a', 'slash');
  await bough.untilServes('feat-a', 'dash');

  await bough.remove('feat/a');

  await until('it is gone', async () => (await get(`/${slugOf('feat/a')}/`)).status === 404, 20_000);
  assert.match((await get('/feat-a/')).body, /dash/);
});

test('the branch is live again once the cause is removed by a push', async () => {
  await bough.push('main', appFiles({ text: 'good again' }));

  await bough.untilServes('main', 'good again');
});

for (const app of ['receiver', 'worker']) {
  test(`the ${app} names every problem of its configuration at once and exits with 78`, async () => {
    await writeFile(
      '/tmp/bad.json',
      JSON.stringify({ stateDirr: '/x', board: {}, sweepIntervalSec: -1, projects: { 'Not OK': {} } }),
    );
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.resolve(`@bough/${app}/main.ts`)), '/tmp/bad.json'],
      { encoding: 'utf8', timeout: 10_000 },
    );
    await rm('/tmp/bad.json');

    assert.equal(status, 78);
    for (const word of ['stateDirr', 'board.passwordFile', 'sweepIntervalSec', 'Not OK'])
      assert.ok((stderr + stdout).includes(word), `${word} is not named in: ${stderr}${stdout}`);
  });
}

test('a secret that cannot be read is named, and the receiver exits with 78', async () => {
  await chmod('/etc/bough/webhook-secret', 0o000);
  const { status, stderr, stdout } = spawnSync(
    'setpriv',
    [
      '--reuid=nobody',
      '--regid=nogroup',
      '--clear-groups',
      process.execPath,
      fileURLToPath(import.meta.resolve('@bough/receiver/main.ts')),
      '/etc/bough/bough.json',
    ],
    { encoding: 'utf8', timeout: 10_000 },
  );
  await chmod('/etc/bough/webhook-secret', 0o600);

  assert.equal(status, 78);
  assert.match(stderr + stdout, /webhook-secret/);
  assert.ok(!(stderr + stdout).includes('the secret of the tests'));
});
