import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findProgram, programFile, programPath } from '../../script/lib/programs.ts';

const root = await mkdtemp(join(tmpdir(), 'bough-programs-'));
after(async () => await rm(root, { recursive: true }));

/** A folder with programs that can be run. */
async function folderWith(...names: string[]): Promise<string> {
  const folder = await mkdtemp(join(root, 'bin-'));
  for (const name of names) await writeFile(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
  return folder;
}

test('the first folder of the path wins, and Valkey stands in for a Redis that is nowhere', async () => {
  const valkey = await folderWith('valkey-server');
  const both = await folderWith('redis-server', 'valkey-server');

  assert.equal(findProgram('redis-server', valkey), join(valkey, 'valkey-server'));
  assert.equal(findProgram('redis-server', `${valkey}:${both}`), join(both, 'redis-server'));
  assert.equal(programFile('redis-server', `${both}:${valkey}`), join(both, 'redis-server'));
});

test('what cannot be run is not found, and a folder that is named relative to another is not looked into', async () => {
  const folder = await folderWith('caddy');
  await chmod(join(folder, 'caddy'), 0o644);

  assert.equal(findProgram('caddy', `${folder}::.`), null);
  assert.throws(() => programFile('caddy', folder), /caddy is in none of/);
});

test('Nix is looked for where the installer of nixos.org puts it, after the folders of the system', () => {
  assert.equal(programPath.split(':').at(-1), '/nix/var/nix/profiles/default/bin');
});
