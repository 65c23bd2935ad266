// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';

const main = join(import.meta.dirname, '../../apps/receiver/src/main.ts');
let folder: string;
let path: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bough-start-'));
  path = join(folder, 'config.json');
  await writeFile(join(folder, 'secret'), 'geheim');
});
after(() => rm(folder, { recursive: true }));

test('with a bad configuration and unreadable secrets it prints every problem and exits 78', async () => {
  await configure({ board: { passwordFile: '/none/board' }, colour: 'red' });

  const { status, stderr, stdout } = start([path]);

  assert.equal(status, 78);
  assert.equal(stdout, '');
  for (const named of [path, 'colour', 'board.passwordFile', '/none/board']) assert.ok(stderr.includes(named), stderr);
});

test('the configuration may be named by BOUGH_CONFIG', async () => {
  await configure({ colour: 'red' });

  const { status, stderr } = start([], { BOUGH_CONFIG: path });

  assert.equal(status, 78);
  assert.match(stderr, /colour/);
});

test('without a configuration it says how it is started and exits 64', () => {
  const { status, stderr } = start([]);

  assert.equal(status, 64);
  assert.match(stderr, /usage/);
});

test('with its port taken it says so and exits 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  assert.ok(address !== null && typeof address === 'object');
  await configure({ receiver: { port: address.port } });

  const { status, stdout } = start([path]);

  other.close();
  assert.equal(status, 1);
  assert.match(stdout, /receiver cannot listen/);
  assert.match(stdout, /EADDRINUSE/);
});

async function configure(changes: object): Promise<void> {
  const secret = join(folder, 'secret');
  const config = {
    redis: { url: `unix://${folder}/no-redis.sock` },
    board: { passwordFile: secret },
    projects: { demo: { remote: '/r.git', url: 'http://localhost', webhookSecretFiles: [secret] } },
  };
  await writeFile(path, JSON.stringify({ ...config, ...changes }));
}

function start(args: string[], environment: Record<string, string> = {}) {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env: environment, timeout: 20_000 });
}
