import assert from 'node:assert/strict';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('an image that cannot be made leaves nothing behind but its log', async (t) => {
  const cache = await temporary(t);
  const env = { BOUGH_CACHE: cache, BOUGH_DEBIAN_MIRROR: 'http://127.0.0.1:1/debian' };

  const { exitCode, stderr } = await execa(`${root}script/machine`, ['image', 'trixie'], { env, reject: false });

  assert.equal(exitCode, 1);
  assert.match(stderr, /the image trixie could not be made/);
  const left = await readdir(join(cache, 'images'));
  assert.deepEqual(left.map((name) => name.replace(/-[0-9a-f]{12}/, '')).toSorted(), ['trixie.lock', 'trixie.log']);
});

test('a checkout that is for its owner alone is refused with what to do, as much in a machine runs as other users', async (t) => {
  const copy = await temporary(t);
  for (const path of ['script', 'test/machine', 'package.json'])
    await cp(join(root, path), join(copy, path), { recursive: true });
  await mkdir(join(copy, 'node_modules'));
  await writeFile(join(copy, 'node_modules/.bough-fingerprint'), 'given');
  await chmod(copy, 0o755);
  await chmod(join(copy, 'package.json'), 0o600);
  const env = { BOUGH_NODE_DIR: dirname(dirname(process.execPath)), BOUGH_CACHE: join(copy, 'cache') };

  const up = ['up', '--image', 'trixie', 'test-closed'];
  const { exitCode, stderr } = await execa(join(copy, 'script/machine'), up, { env, reject: false });

  assert.equal(exitCode, 1);
  assert.ok(stderr.includes(`${copy}/package.json is for its owner alone`), stderr);
  assert.ok(stderr.includes(`chmod -R a+rX ${copy} `), stderr);
});

test('what cannot be bound is told before anything is fetched, made or ended', async (t) => {
  const cache = await temporary(t);
  const up = ['up', '--bind', '/no/such/folder:/srv', 'test-bind'];

  const { exitCode, stderr } = await execa(`${root}script/machine`, up, { env: { BOUGH_CACHE: cache }, reject: false });

  assert.equal(exitCode, 1);
  assert.match(stderr, /--bind is SRC:DST or SRC:DST:ro with an SRC that exists, not '\/no\/such\/folder:\/srv'/);
  assert.deepEqual(await readdir(cache), []);
});

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bough-machine-script-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}
