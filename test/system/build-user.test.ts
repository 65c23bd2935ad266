import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';

const exec = promisify(execFile);
const random = (what: string) => `${what}-${randomBytes(18).toString('hex')}`;
const secret = { webhook: random('webhook'), board: random('board') };
const control = random('control');
const readable = '/srv/bough-test/readable';
const folders = ['/var/lib/bough/deployments', '/var/lib/private/bough-receiver'];

let bough: Installation;
before(async () => {
  bough = await install({}, {}, secret);
  await writeFile(readable, control);
});
after(async () => await bough[Symbol.asyncDispose]());

/** Runs a program as evaluation and builds run. */
const asBuilder = (...argv: string[]) =>
  exec('setpriv', ['--reuid=bough-build', '--regid=bough-build', '--init-groups', '--no-new-privs', '--', ...argv]);
const succeeds = (run: Promise<unknown>) =>
  run.then(
    () => true,
    () => false,
  ); // prettier-ignore

/** The sources in the store that hold a text. */
async function sourcesWith(text: string): Promise<string[]> {
  const { stdout } = await exec('sh', ['-c', 'grep -rlF -- "$1" /nix/store/*-source || test $? = 1', 'sh', text]);
  return stdout.split('\n').filter((line) => line !== '');
}

test('an evaluation runs as a user without rights, a builder not as root, and neither can read a secret', async () => {
  const text = `"${random('text')}"`;
  const seen: Awaited<ReturnType<typeof statusOf>>[] = [];
  // A flake asks for a file while it is evaluated, so that the one who gives it can look at who asks.
  const server = createServer((_, response) => {
    void (async () => {
      for (const pid of processesWith('refs/bough/')) seen.push(await statusOf(pid));
      response.end(text);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // oxlint-disable-line typescript/no-unsafe-type-assertion -- TCP
  const sha256 = createHash('sha256').update(text).digest('hex');
  const files = appFiles({
    text: 'evaluated apart',
    build: `[ "$(id -u)" -gt 0 ]
if cat /etc/bough/webhook-secret || cat /etc/bough/board-password; then exit 1; fi`,
  });
  const flake = (files['flake.nix'] ?? '').replace(
    'name = "app";',
    `name = "app"; text = import (builtins.fetchurl { url = "http://127.0.0.1:${port}/text"; sha256 = "${sha256}"; });`,
  );

  try {
    await bough.push('main', { ...files, 'flake.nix': flake });
    await bough.untilServes('main', 'evaluated apart');
  } finally {
    server.close();
    server.closeAllConnections();
  }

  const { stdout } = await exec('id', ['-u', 'bough-build']);
  const uid = stdout.trim();
  assert.notEqual(uid, '0');
  assert.ok(seen.length > 0, 'somebody is found to evaluate');
  for (const status of seen) {
    assert.deepEqual(status, {
      Uid: `${uid}\t${uid}\t${uid}\t${uid}`,
      CapPrm: '0'.repeat(16),
      CapEff: '0'.repeat(16),
      CapAmb: '0'.repeat(16),
      NoNewPrivs: '1',
    });
  }
});

test('what root alone may read does not get into the store by an input that is refused', async () => {
  const flakeWith = (path: string) => ({
    'flake.nix': `{ inputs.x = { url = "path:${path}"; flake = false; }; outputs = { self, x }: { packages.x86_64-linux.default = x; }; }`,
    'flake.lock': '{ "nodes": { "root": {} }, "root": "root", "version": 7 }',
  });

  await bough.push('reads-control', flakeWith(readable));
  await bough.push('reads-secret', flakeWith('/etc/bough/webhook-secret'));
  await bough.untilIdle();

  const failed = await bough.builds.getJobs(['failed']);
  const classes = new Map(failed.map(({ data, failedReason }) => [data.branch, failedReason.split(/\W/)[0]]));
  assert.match(String(classes.get('reads-control')), /^EVAL_LOCK$/);
  assert.match(String(classes.get('reads-secret')), /^EVAL_(LOCK|ERROR)$/); // Nix 2.8 says first that it may not read it
  assert.notDeepEqual(await sourcesWith(control), [], 'what everybody may read is copied before it is refused');
  assert.deepEqual(await sourcesWith(secret.webhook), []);
});

test('who evaluates can read no secret, no state, and cannot reach the queues or the worker', async () => {
  const secrets = ['/etc/bough/webhook-secret', '/etc/bough/board-password'];
  for (const path of secrets) assert.equal(await succeeds(asBuilder('cat', path)), false, path);
  for (const path of folders) {
    assert.equal(await succeeds(exec('ls', [path])), true, `${path} is there`);
    assert.equal(await succeeds(asBuilder('ls', path)), false, path);
  }
  for (const path of ['/run/bough-redis/redis.sock', bough.layout.control]) {
    assert.equal(await succeeds(exec('test', ['-w', path])), true, `${path} is there`);
    assert.equal(await succeeds(asBuilder('test', '-w', path)), false, path);
  }
  for (const path of ['/var/lib/bough', '/run/bough', '/etc/bough', '/run/systemd/system'])
    assert.equal(await succeeds(asBuilder('test', '-w', path)), false, path);
});

test('the Nix daemon does not trust who evaluates: no setting of it that needs trust is taken', async () => {
  const marker = (name: string) => `/srv/bough-test/builds/hook-of-${name}`;
  for (const [name, run] of Object.entries({
    root: exec,
    builder: (_: string, argv: string[]) => asBuilder('env', ...argv),
  })) {
    // prettier-ignore
    const own = `/srv/bough-test/hook-${name}`;
    await writeFile(own, `#!/bin/sh\necho ran > ${marker(name)}\n`, { mode: 0o755 });
    const expression = `derivation { name = "${random(name)}"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; }`;
    const options = ['--option', 'post-build-hook', own];
    await run('env', [
      'NIX_REMOTE=daemon',
      'HOME=/homeless-shelter',
      'nix-build',
      '--no-out-link',
      ...options,
      '--expr',
      expression,
    ]);
  }

  const ran = (await readdir('/srv/bough-test/builds')).filter((name) => name.startsWith('hook-of-'));
  assert.deepEqual(ran, ['hook-of-root']);
  await rm(marker('root'));
});

test('the release of a branch is held by a root of its own, and nothing is left in the hands of the builder', async () => {
  const { stdout } = await exec('sh', ['-c', 'readlink /var/lib/bough/deployments/demo/main/releases/1']);
  const { stdout: roots } = await exec('nix-store', ['--query', '--roots', stdout.trim()]);

  assert.match(roots, /\/deployments\/demo\/main\/releases\/1 ->/);
  assert.doesNotMatch(roots, /\/var\/lib\/bough\/cache/);
  assert.equal((await get('/main/')).status, 200);
});

for (const [what, inside] of [
  ['that root made, as an earlier version of Bough did,', ''],
  ['that such a version wrote into when it was gone back to', '/nix'],
]) {
  test(`a cache of Nix ${what} is no obstacle`, async () => {
    await exec('systemctl', ['stop', 'bough-worker.service']);
    await exec('chown', ['--recursive', 'root:root', `${bough.layout.nixCache}${inside}`]);
    await exec('systemctl', ['start', 'bough-worker.service']);

    await bough.push('main', appFiles({ text: `after ${what}` }));

    await bough.untilServes('main', `after ${what}`);
    const { stdout } = await exec('stat', ['--format=%U %a', bough.layout.nixCache]);
    assert.equal(stdout.trim(), 'bough-build 700');
  });
}

async function statusOf(pid: string): Promise<Record<string, string | undefined>> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const names = ['Uid', 'CapPrm', 'CapEff', 'CapAmb', 'NoNewPrivs'];
  return Object.fromEntries(names.map((name) => [name, new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]]));
}
