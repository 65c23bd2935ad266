import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { slugOf } from '@bough/host/slug.ts';
import { appFiles } from '../support/app-files.ts';
import { derivation, flakeOf } from '../support/flake.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { nextFailure } from '../support/next-failure.ts';
import { until } from '../support/until.ts';
import { visit } from '../support/visitor.ts';

let bough: Installation;
before(async () => {
  bough = await install();
  await bough.push('main', appFiles({ text: 'good' }));
  await bough.untilServes('main', 'good');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const needsInput = (url: string) => flakeOf(derivation('x', 'echo > $out'), `inputs.dep.url = "${url}";`);
const withoutLock = ({ 'flake.nix': flake = '' }: Readonly<Record<string, string>>) => ({ 'flake.nix': flake });
const staleLock =
  'EVAL_LOCK: flake.lock is missing or does not fit flake.nix; run `nix flake lock` and commit flake.lock';

/** What a push is refused with: the first line of the job's reason, whole. Store paths stand as STORE, and where in a file an error lies, which Nix 2.8 does not always say, as nothing. */
const refused: Record<string, { files: Record<string, string>; reason: string; log?: RegExp }> = {
  'a flake without the attribute': {
    files: { 'flake.nix': '{ outputs = { self }: { packages.x86_64-linux.other = 1; }; }' },
    reason: "EVAL_ATTRIBUTE: the flake does not provide attribute 'packages.x86_64-linux.default'",
  },
  'a branch without a flake': {
    files: { 'README.md': 'nothing here' },
    reason: 'EVAL_NO_FLAKE: the branch has no flake.nix in its root',
  },
  'a flake that needs an input and has no flake.lock': {
    files: { ...withoutLock(needsInput('path:./dep')), 'dep/flake.nix': '{ outputs = { self }: { }; }' },
    reason: staleLock,
  },
  'a flake with no flake.lock for an input out of reach': {
    files: withoutLock(needsInput('github:example/nothing')),
    reason: staleLock,
  },
  'a flake whose flake.lock lacks one of its inputs': {
    files: { ...needsInput('path:./dep'), 'dep/flake.nix': '{ outputs = { self }: { }; }' },
    reason: staleLock,
  },
  'a flake whose flake.lock lacks an input out of reach': {
    files: { ...needsInput('github:example/nothing') },
    reason: staleLock,
  },
  'a flake whose flake.lock holds conflict marks': {
    files: { ...flakeOf(derivation('x', 'echo > $out')), 'flake.lock': '<<<<<<< HEAD\n' },
    reason: staleLock,
  },
  'a flake that throws': {
    files: flakeOf('throw "a deliberate error"'),
    reason: 'EVAL_ERROR: a deliberate error',
  },
  'an output without a program': {
    files: flakeOf(derivation('x', 'echo > $out')),
    reason:
      'APP_NO_PROGRAM: STORE-x has no program in bin/ and no share/bough/deployment.json; leave one, or use mkDeployment',
  },
  'a manifest with wrong fields': {
    files: appFiles({
      text: 'x',
      build: `mkdir -p "$out/share/bough"; echo '{"schema": 1, "services": {"web": {"exec": []}}}' > "$out/share/bough/deployment.json"`,
    }),
    reason:
      'APP_MANIFEST: share/bough/deployment.json of STORE-app is not a manifest: services.web.exec.0: Invalid input: expected string, received undefined',
  },
  'a compile error': {
    files: appFiles({ text: 'x', build: `echo "main.c:3: error: expected ';' before '}'" >&2; exit 2` }),
    reason: "BUILD_FAILED: builder for 'app' failed with exit code 2",
    log: /^main\.c:3: error: expected ';' before '\}'$/m,
  },
};
for (const [what, { files, reason, log = /(?:)/ }] of Object.entries(refused)) {
  test(`${what} is refused by its class and cause, and the release before serves all the while`, async () => {
    await using visitor = visit('/main/', 'good from release 1');

    const { failedReason } = await nextFailure(bough.builds, () => bough.push('main', files));

    const { asked, wrong } = await visitor.leave();
    const [first = ''] = failedReason.split('\n');
    const plain = first.replaceAll(/\/nix\/store\/[0-9a-z]{32}/g, 'STORE').replace(/ \(\S+:\d+:\d+\)$/, '');
    assert.equal(plain, reason, failedReason);
    assert.match(failedReason, log);
    assert.deepEqual(wrong, []);
    assert.ok(asked > 0);
  });
}

test('a commit that vanished by force push is not missed: the new head is built', async () => {
  const { repository } = bough;
  const gone = await repository.commit('forced', appFiles({ text: 'gone' }));
  await repository.remove('forced'); // what is pushed next has other ancestors
  await repository.commit('forced', appFiles({ text: 'stays' }));
  await repository.forget();
  await assert.rejects(repository.gitAtForge('cat-file', '-e', gone), 'the forge has it still');

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

test('a secret that is missing when the receiver starts is named in its journal, and once it is there the receiver is up by itself', async () => {
  const secret = '/etc/bough/webhook-secret';
  const journal = () => execa('journalctl', ['--output=cat', '--unit=bough-receiver.service', '--lines=50']);
  await rename(secret, `${secret}.later`);
  await systemctl('restart', 'bough-receiver.service');

  const said = new RegExp(`webhookSecretFiles\\.0: SECRET_UNREADABLE: The secret file ${secret} is missing or empty`);
  await until('it says which', async () => said.test((await journal()).stdout), 20_000);
  await rename(`${secret}.later`, secret);

  await until('it is ready', async () => (await fetch('http://127.0.0.1:9010/readyz').catch(() => null))?.ok, 20_000);
});
