// One Debian is enough: NixOS has the newer systemd and Nix.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root, writeNixpkgs } from '../support/build-flake.ts';
import { addTarballs } from './nixos-host.ts';

const exec = promisify(execFile);
let folder: string;

/** Runs a command as the ordinary user `dev`, who has a systemd. */
async function asDev(...argv: string[]): Promise<string> {
  const env = ['HOME=/home/dev', 'XDG_RUNTIME_DIR=/run/user/1000', 'NIX_REMOTE=daemon', 'PATH=/usr/bin:/bin'];
  const { stdout, stderr } = await exec('runuser', ['-u', 'dev', '--', 'env', '-i', ...env, ...argv], {
    cwd: '/',
    maxBuffer: 1 << 26,
  });
  return stdout + stderr;
}

before(async () => {
  folder = await mkdtemp(`${tmpdir()}/flake-`);
  await exec('chmod', ['755', folder]);
  writeNixpkgs(`${folder}/nixpkgs`);
  for (const name of (await readdir(root)).filter((each) => !['node_modules', '.git'].includes(each)))
    await cp(`${root}${name}`, `${folder}/bough/${name}`, {
      recursive: true,
      filter: (path) => !path.endsWith('/node_modules'),
    });
  await addTarballs();
});
after(() => rm(folder, { recursive: true }));

test('nix run …#demo needs no checkout, no Node and no npm of the person who runs it', async () => {
  const said = await asDev(
    'nix',
    'run',
    '--override-input',
    'nixpkgs',
    `path:${folder}/nixpkgs`,
    `path:${folder}/bough#demo`,
    '--',
    '--once',
  );

  assert.match(said, /^READY \{/m);
  assert.match(said, /everything is down; nothing is left but the caches/);
});

test('nix flake init -t …#node makes an app and says what to do before it is pushed', async () => {
  const said = await asDev(
    'sh',
    '-c',
    `mkdir -p ~/app && cd ~/app && nix flake init -t path:${folder}/bough#node && ls`,
  );

  assert.match(said, /nix flake lock/);
  assert.match(said, /^flake\.nix\nsrc$/m);
});
