// One Debian is enough: modes are the same on both.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, rm, stat, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { appFiles } from '../support/app-files.ts';
import { attach, writeSettings } from '../support/installation.ts';
import { createServed, env, install, next } from '../support/installer.ts';
import type { Repository } from '../support/repository.ts';

const exec = promisify(execFile);
const config = '/etc/bough/bough.json';
/** As on a hardened host: whatever somebody makes is for them alone. */
const strictly = async (script: string) => await exec('sh', ['-c', `umask 077; ${script}`], { env });

let repository: Repository;
before(async () => {
  repository = await createServed();
  await strictly(`mkdir ${next} && cp --recursive /opt/bough/* ${next}`);
});
after(async () => {
  await install('/opt/bough', '--uninstall', '--purge');
  for (const folder of [next, '/srv/bough-test']) await rm(folder, { recursive: true, force: true });
});

test('a folder of the configuration that the services cannot enter is told, and nothing is changed', async () => {
  await writeFile(config, await writeSettings(repository));
  await chmod('/etc/bough', 0o700);

  const { code, said } = await install(next);

  assert.equal(code, 1);
  assert.match(said, /HOST_FILES: \/etc\/bough is for root alone, .*: chmod a\+x \/etc\/bough/);
  await chmod('/etc/bough', 0o755);
});

test('under a strict umask, from a checkout that is for root alone, it serves, and secrets stay secret', async () => {
  await writeFile(config, await writeSettings(repository));
  await chmod(config, 0o600);
  assert.equal((await stat(`${next}/apps/receiver/src/main.ts`)).mode & 0o777, 0o600);

  const { stdout } = await strictly(`${next}/script/install`);

  assert.match(stdout, /^version \w{12} runs$/m);
  await using bough = attach(repository);
  await bough.push('main', appFiles({ text: 'installed under a strict umask' }));
  await bough.untilServes('main', 'installed under a strict umask');
  await bough.untilIdle();
  const open = ['/usr/local/lib/bough', '/usr/local/share/man/man5', '/usr/local/bin', '/etc/systemd/system'];
  assert.deepEqual(await found([...open, '!', '-type', 'l', '!', '-perm', '-a=r']), []);
  const secrets = ['/etc/bough/webhook-secret', '/etc/bough/board-password', '/var/lib/bough-redis'];
  assert.deepEqual(await found([...secrets, '-maxdepth', '0', '-perm', '/go=rwx']), []);
});

async function found(words: readonly string[]): Promise<string[]> {
  return (await exec('find', words)).stdout.split('\n').filter((line) => line !== '');
}
