// One Debian is enough: the installer of nixos.org brings a newer Nix than either has.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { appFiles } from '../support/app-files.ts';
import { attach, writeSettings } from '../support/installation.ts';
import { createServed, install } from '../support/installer.ts';

const exec = promisify(execFile);

test('Nix is found where the installer of nixos.org puts it, by the units too', async () => {
  const repository = await createServed();
  const profile = '/nix/var/nix/profiles/default/bin';
  const commands = (await readdir('/usr/bin')).filter((name) => /^nix(-|$)/.test(name) && name !== 'nix-daemon');
  await mkdir(profile, { recursive: true });
  await exec('cp', ['--dereference', '--remove-destination', '/usr/bin/nix', '/usr/bin/nix-daemon']);
  for (const name of commands) await rename(`/usr/bin/${name}`, `${profile}/${name}`);
  await writeFile('/etc/bough/bough.json', await writeSettings(repository));

  const { code, said } = await install('/opt/bough');

  assert.equal(code, 0, said);
  await using bough = attach(repository);
  await bough.push('main', appFiles({ text: 'built by that Nix' }));
  await bough.untilServes('main', 'built by that Nix');
  await bough.untilIdle();
  assert.equal((await install('/opt/bough', '--uninstall', '--purge')).code, 0);
  for (const name of commands) await rename(`${profile}/${name}`, `/usr/bin/${name}`);
  await rm('/srv/bough-test', { recursive: true });
});
