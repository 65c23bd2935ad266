import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { startMachine } from '../machine/machine.ts';
import { createDemoUser } from '../support/demo-user.ts';
import { sandboxed } from '../support/sandboxed.ts';
import { until } from '../support/until.ts';

const script = fileURLToPath(new URL('../../script/demo', import.meta.url));
const machineScript = fileURLToPath(new URL('../../script/machine', import.meta.url));
/** Caddy is missing, and apt-get, which has no network here, brings it. Nobody asks who may run it. */
const withoutCaddy = `set -eu
  mv /usr/bin/caddy /srv/caddy && chown dev /usr/local/bin && cd /usr/local/bin
  printf '#!/bin/sh\\nshift; exec "$@"\\n' >sudo
  printf '#!/bin/sh\\ncase " $* " in *" install "*) ln -s /srv/caddy /usr/local/bin/caddy ;; esac\\n' >apt-get
  chmod 755 sudo apt-get`;
const ready = /^READY (\{.*\})$/m;

test('script/demo --once brings two branches up, checks them through Caddy and takes everything down, without a network once all is there', async () => {
  await execa(machineScript, ['image', 'bookworm']);
  const offline = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', script, '--once'];

  const { exitCode, all } = await execa('unshare', offline, { all: true, stdin: 'ignore', reject: false });

  assert.equal(exitCode, 0, all);
  assert.match(all, ready);
  const { stdout } = await execa(machineScript, ['list']);
  assert.doesNotMatch(stdout, /demo/);
});

test('while the demo runs, a push from outside is live at its URL, and so is what the demo invites to; Ctrl-C takes everything down', async (t) => {
  const began = performance.now();
  const demo = spawn(script, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  createInterface({ input: demo.stderr }).on('line', (text) => said.push(text));
  const lines = createInterface({ input: demo.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.on('line', (text) => ready.test(text) && resolve(text));
    demo.on('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${said.join('\n')}`)));
  });
  t.diagnostic(`ready after ${Math.round((performance.now() - began) / 100) / 10} s`);
  const info: {
    main: string;
    'feature/hello': string;
    repository: string;
    board: { url: string; user: string; password: string };
  } = JSON.parse(ready.exec(line)?.[1] ?? '');
  const clone = await mkdtemp(join(tmpdir(), 'bough-clone-'));
  const home = await mkdtemp(join(tmpdir(), 'bough-home-'));
  const git = (...words: string[]) =>
    execa('git', ['-C', clone, '-c', 'user.name=Test', '-c', 'user.email=t@example.org', ...words]);

  try {
    const pages = await Promise.all([info.main, info['feature/hello']].map(async (url) => (await fetch(url)).text()));
    assert.equal(new Set(pages).size, 2, 'the two branches show different pages');

    await execa('git', ['clone', '--quiet', info.repository, clone]);
    await git('checkout', '--quiet', '-b', 'mine');
    await git('push', '--quiet', 'origin', 'mine');
    const url = new URL('/mine/', info.main);
    await until('the new branch is live', async () => (await fetch(url)).status === 200, 30_000);

    // By somebody whom git does not know and who has chosen no editor.
    const env = { PATH: process.env['PATH'], HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
    await execa('sh', ['-euc', invitation(said)], { cwd: home, env, extendEnv: false });
    const greeting = async () => (await fetch(new URL('health', info.main))).text();
    await until('main says it differently', async () => (await greeting()).includes('Good day from the main'), 30_000);

    const board = await fetch(info.board.url, {
      headers: {
        authorization: `Basic ${Buffer.from(`${info.board.user}:${info.board.password}`).toString('base64')}`,
      },
    });
    assert.equal(board.status, 200);
  } finally {
    demo.kill('SIGINT');
    await once(demo, 'exit');
    for (const folder of [clone, home]) await rm(folder, { recursive: true });
  }
  assert.equal(demo.exitCode, 0);
  await assert.rejects(fetch(info.main), 'nothing answers any more');
});

/** The commands that the demo prints for its person. */
function invitation(said: readonly string[]): string {
  const first = said.indexOf('Now make it yours:') + 1;
  return said.slice(first, said.indexOf('', first)).join('\n');
}

test('a port that is taken ends the demo with 1 and the reason', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);

  const argv = ['--once', '--port', String(address.port)];
  const { exitCode, all } = await execa(script, argv, { all: true, stdin: 'ignore', reject: false });

  assert.equal(exitCode, 1);
  assert.match(all, new RegExp(`the demo failed: Port ${address.port} is taken; name another with --port`));
  assert.doesNotMatch(all, ready);
});

for (const image of ['trixie', 'bookworm'] as const) {
  test(`on ${image} an ordinary user runs the demo in a user manager of their own, nothing of it is left, and where Nix will not do they are told why`, async () => {
    await using machine = await startMachine(`test-demo-${image}`, { image });
    const dev = await createDemoUser(machine);
    const refuses = async (why: RegExp) => {
      const { exitCode, stdout, stderr } = await dev.run();
      assert.equal(exitCode, 1, stdout + stderr);
      assert.match(stderr, why);
      assert.equal(stdout, '');
    };

    const before = await dev.traces();

    const { exitCode, stdout, stderr } = await dev.run();

    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, ready);
    assert.equal(await dev.traces(), before);

    await machine.run(['sh', '-c', sandboxed]);
    await refuses(/^.* the demo failed: Nix builds in a sandbox here, .* Run the demo as root/m);
    await machine.run(['gpasswd', '--delete', 'dev', 'nix-users']);
    await refuses(/^.* the demo failed: You may not use Nix here\. .*nix-users/m);
    await machine.run(['sh', '-c', withoutCaddy]);
    await refuses(/^.* the demo failed: [^]* what was installed is left, too: caddy$/m);
  });
}
