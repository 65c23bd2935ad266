import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { startMachine } from '../machine/machine.ts';
import { sandboxed } from '../support/sandboxed.ts';

const script = fileURLToPath(new URL('../../script/machine', import.meta.url));
const cache = '/var/cache/bough';
/** The Node of `nix run …#demo` is in the store. */
const storeNode = `set -eu
  mkdir -p /tmp/nodejs/bin && cp /opt/node/bin/node /tmp/nodejs/bin
  nix-store --add /tmp/nodejs && rm -r /tmp/nodejs`;
/** A login of root's, what a demo brings (there is no network), and a folder for a machine: none can lie on the overlay of another. */
const prepare = `set -eu
  loginctl enable-linger root && systemctl start user@0.service
  ln -s /opt/node ${cache}/node-${process.versions.node}
  mkdir ${cache}/machines && mount -t tmpfs machines ${cache}/machines`;

test('root who logged in to a Debian whose Nix has a sandbox gets a machine, also with a Node of Nix', async () => {
  const { stdout: image } = await execa(script, ['image', 'bookworm']);
  await using machine = await startMachine('test-demo-root', {
    image: 'trixie',
    binds: [`${dirname(image)}:${cache}/images`],
  });
  const node = (await machine.run(['sh', '-c', storeNode], { env: { NIX_REMOTE: 'daemon' } })).trim();
  await machine.run(['sh', '-c', sandboxed]);
  await machine.run(['sh', '-c', prepare]);
  const env = { XDG_RUNTIME_DIR: '/run/user/0', BOUGH_CACHE: cache, BOUGH_NODE_DIR: node };
  assert.match(await machine.run(['systemctl', '--user', 'is-system-running', '--wait'], { env }), /running/);

  const demo = await machine.exec(['/opt/bough/script/demo', '--once'], { env, timeoutMs: 180_000 });

  assert.equal(demo.exitCode, 0, demo.stdout + demo.stderr);
  assert.match(demo.stdout, /^READY \{/m);
  assert.match(demo.stderr, /starting a private systemd/);
  assert.match(demo.stderr, /everything is down; nothing is left but the caches$/);
  assert.equal(await machine.run(['ls', `${cache}/machines`]), '');
});
