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
import { until } from '../support/until.ts';

const script = fileURLToPath(new URL('../../script/demo', import.meta.url));
/** Nix mounts a `/proc` in its sandbox, which a kernel refuses where parts of the one outside are covered. */
const sandboxed = `umount --lazy --recursive /proc/sys && printf 'sandbox = true\\nsandbox-fallback = false\\n' >>/etc/nix/nix.conf && systemctl restart nix-daemon.service`;
const ready = /^READY (\{.*\})$/m;

test('script/demo --once brings two branches up, checks them through Caddy and takes everything down', async () => {
  const { exitCode, all } = await execa(script, ['--once'], { all: true, stdin: 'ignore', reject: false });

  assert.equal(exitCode, 0, all);
  assert.match(all, ready);
  const { stdout } = await execa(fileURLToPath(new URL('../../script/machine', import.meta.url)), ['list']);
  assert.doesNotMatch(stdout, /demo/);
});

test('while the demo runs, a push from outside is live at its URL; Ctrl-C takes everything down', async (t) => {
  const began = performance.now();
  const demo = spawn(script, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: demo.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.on('line', (text) => ready.test(text) && resolve(text));
    demo.on('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
  });
  t.diagnostic(`ready after ${Math.round((performance.now() - began) / 100) / 10} s`);
  const info: {
    main: string;
    'feature/hello': string;
    repository: string;
    board: { url: string; user: string; password: string };
  } = JSON.parse(ready.exec(line)?.[1] ?? '');
  const clone = await mkdtemp(join(tmpdir(), 'bough-clone-'));
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

    const board = await fetch(info.board.url, {
      headers: {
        authorization: `Basic ${Buffer.from(`${info.board.user}:${info.board.password}`).toString('base64')}`,
      },
    });
    assert.equal(board.status, 200);
  } finally {
    demo.kill('SIGINT');
    await once(demo, 'exit');
    await rm(clone, { recursive: true });
  }
  assert.equal(demo.exitCode, 0);
  await assert.rejects(fetch(info.main), 'nothing answers any more');
});

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

    const runDemo = () =>
      machine.exec(['/opt/node/bin/node', '/opt/bough/script/lib/demo/main.ts', '--once'], {
        user: 'dev',
        env: { BOUGH_CACHE_DIR: '/home/dev/.cache/bough' },
        timeoutMs: 120_000,
      });
    const refuses = async (why: RegExp) => {
      const { exitCode, stdout, stderr } = await runDemo();
      assert.equal(exitCode, 1, stdout + stderr);
      assert.match(stderr, why);
      assert.equal(stdout, '');
    };

    const { exitCode, stdout, stderr } = await runDemo();

    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, ready);
    const units = await machine.run(['systemctl', '--user', 'list-units', '--all', '--no-legend', 'bough*'], {
      user: 'dev',
    });
    assert.doesNotMatch(units, /\.service|\.socket/);

    await machine.run(['sh', '-c', sandboxed]);
    await refuses(/^.* the demo failed: Nix builds in a sandbox here, .* Run the demo as root/m);
    await machine.run(['gpasswd', '--delete', 'dev', 'nix-users']);
    await refuses(/^.* the demo failed: You may not use Nix here\. .*nix-users/m);
  });
}
