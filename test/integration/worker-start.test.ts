// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';

const main = join(import.meta.dirname, '../../apps/worker/src/main.ts');
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bough-start-'));
});
after(() => rm(folder, { recursive: true }));

test('with a bad configuration and an unreadable password of Redis the worker prints every problem and exits 78', async () => {
  const { status, stderr, stdout } = await start({ redis: { passwordFile: '/none/redis' }, colour: 'red' });

  assert.equal(status, 78);
  assert.equal(stdout, '');
  for (const named of ['colour', 'redis.passwordFile', '/none/redis']) assert.ok(stderr.includes(named), stderr);
});

test('an unreadable password of Redis alone keeps the worker from starting, while secrets of others are not its to read', async () => {
  const { status, stderr } = await start({ redis: { passwordFile: '/none/redis' } });

  assert.equal(status, 78);
  assert.match(stderr, /redis\.passwordFile: SECRET_UNREADABLE: .*\/none\/redis/);
  assert.doesNotMatch(stderr, /\/none\/board|\/none\/webhook/);
});

/** Starts a worker whose configuration is good but for these changes, and names secrets that are not there. */
async function start(changes: object) {
  const path = join(folder, 'config.json');
  const config = {
    board: { passwordFile: '/none/board' },
    projects: { demo: { remote: '/r.git', url: 'http://localhost', webhookSecretFiles: ['/none/webhook'] } },
  };
  await writeFile(path, JSON.stringify({ ...config, ...changes }));
  return spawnSync(process.execPath, [main, path], { encoding: 'utf8', timeout: 20_000 });
}
