// One Debian is enough: NixOS has the newer systemd and Nix, and each step is tried on both by a test of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMachine } from '../machine/machine.ts';

const node = '/opt/node/bin/node';
const scenario = [node, '/opt/bough/test/scenario/main.ts'];
const files = ['/srv/settings.json', '/srv/state.json'];

const config = {
  board: { passwordFile: '/etc/bough/board' },
  sweepIntervalSec: 5,
  reconcile: { settleSec: 0.5, drainSec: 0.5 },
  projects: {
    scenario: {
      remote: '/srv/repository',
      webhookSecretFiles: ['/etc/bough/webhook'],
      url: 'http://127.0.0.1:8080',
    },
  },
};

/** Adds to the store what a branch is built with and run by, as nixpkgs would; prints its two paths. */
const addTools = `set -eu
mkdir -p /root/shell/bin /root/node/bin
for name in sh mkdir cp chmod; do cp "$(command -v $name)" /root/shell/bin; done
cp ${node} /root/node/bin
nix-store --add /root/shell
nix-store --add /root/node
mkdir -p /etc/bough
umask 077
echo "the secret of the scenario" >/etc/bough/webhook
echo "board password" >/etc/bough/board
`;

test('a push is live, switched under load, rolled back, deleted, back after a reboot, and healed without a webhook', {
  timeout: 1_500_000,
}, async (t) => {
  await using machine = await startMachine('test-scenario', { image: 'trixie' });
  const [shell, ofNode] = (await machine.run(['sh', '-c', addTools])).split('\n');
  const settings = {
    repository: config.projects.scenario.remote,
    webhook: 'http://127.0.0.1:9010/webhooks/scenario',
    secretFile: '/etc/bough/webhook',
    url: config.projects.scenario.url,
    shell,
    node: ofNode,
  };
  await machine.run(['tee', '/etc/bough/bough.json'], { input: JSON.stringify(config) });
  await machine.run(['tee', '/srv/settings.json'], { input: JSON.stringify(settings) });
  await machine.run(['/opt/bough/script/install'], { timeoutMs: 240_000, env: { BOUGH_NODE_DIR: '/opt/node' } });

  t.diagnostic(await machine.run([...scenario, 'before', ...files], { timeoutMs: 600_000 }));
  await machine.reboot();
  const report = await machine.run([...scenario, 'after', ...files], { timeoutMs: 600_000 });

  t.diagnostic(report);
  assert.deepEqual(JSON.parse(report).back, ['main', 'preview']);
});
