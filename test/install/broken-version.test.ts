// One Debian is enough: what is gone back to is files and links of Bough's own, and `install.test.ts` upgrades on both.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, readlink, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { appFiles } from '../support/app-files.ts';
import { attach, systemctl, writeSettings } from '../support/installation.ts';
import {
  copyOfCurrent,
  createServed,
  current,
  env,
  install,
  lostOf,
  next,
  underLoad,
  versions,
} from '../support/installer.ts';
import type { Repository } from '../support/repository.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
let repository: Repository;
before(async () => {
  repository = await createServed();
  await writeFile('/etc/bough/bough.json', await writeSettings(repository));
  assert.equal((await install('/opt/bough')).code, 0);
  await using bough = attach(repository);
  await bough.push('main', appFiles({ text: 'installed' }));
  await bough.untilServes('main', 'installed');
  await bough.untilIdle();
});
after(async () => {
  assert.equal((await install('/opt/bough', '--uninstall', '--purge')).code, 0);
  for (const folder of [next, '/srv/bough-test']) await rm(folder, { recursive: true, force: true });
});

test('a version whose worker does not come up gives way to the one before, and no request is lost', async (t) => {
  const version = await readlink(current);
  await copyOfCurrent();
  await appendFile(`${next}/apps/worker/src/main.ts`, "\nthrow new Error('this version is broken');\n");

  const { result, load } = await underLoad(() => install(next));

  t.diagnostic(`${load.requests.total} requests, longest ${load.latency.max} ms`);
  assert.equal(result.code, 1);
  assert.match(result.said, /version \w{12} was not ready; version \w{12} runs again/);
  assert.match(result.said, /bough-worker\.service did not become ready: .*, and it has ended \d+ times; .*journalctl/);
  assert.equal(await readlink(current), version);
  assert.deepEqual(lostOf(load), { errors: 0, timeouts: 0, non2xx: 0 });
  await using bough = attach(repository);
  await bough.push('main', appFiles({ text: 'after the rollback' }));
  await bough.untilServes('main', 'after the rollback');
  await bough.untilIdle();
});

test('an upgrade to such a version that is killed half-way is not what the next one goes back to', async () => {
  const version = await readlink(current);
  const upgrade = spawn(`${next}/script/install`, { env, stdio: 'ignore' });
  const ended = once(upgrade, 'exit');
  try {
    await until('the broken version is current', async () => (await readlink(current)) !== version, 120_000);
  } finally {
    upgrade.kill('SIGKILL');
    await ended;
  }

  const { code, said } = await install(next);

  assert.equal(code, 1);
  assert.match(said, new RegExp(`version ${basename(version)} runs again`));
  assert.equal(await readlink(current), version);
  assert.deepEqual(await versions(), [basename(version)], 'the broken one is gone');
  await using bough = attach(repository);
  await bough.push('main', appFiles({ text: 'after the killed upgrade' }));
  await bough.untilServes('main', 'after the killed upgrade');
  await bough.untilIdle();
});

test('a configuration that only Caddy or Redis cannot follow is refused with the setting, and nothing is changed', async () => {
  const version = await readlink(current);
  await writeFile('/etc/bough/redis-password', 'geheim\n');
  const redis = { url: 'unix:///run/bough-redis/redis.sock', passwordFile: '/etc/bough/redis-password' };
  await writeFile('/etc/bough/bough.json', await writeSettings(repository, { redis }));

  const { code, said } = await install(next);

  assert.equal(code, 1);
  assert.match(said, /CONFIG_INVALID: redis\.passwordFile is for a Redis reached over the network/);
  assert.doesNotMatch(said, /going back/);
  assert.equal(await readlink(current), version);
});

test('where the configuration names another Redis the one of Bough is ended, and none is begun at the next boot', async (t) => {
  const other = [
    '--port',
    '6390',
    '--appendonly',
    'yes',
    '--maxmemory-policy',
    'noeviction',
    '--dir',
    '/srv/bough-test',
  ];
  await systemctl('stop', 'bough-worker.service', 'bough-receiver.service');
  await exec('systemd-run', ['--unit=other-redis', '--service-type=exec', 'redis-server', ...other]);
  t.after(async () => await systemctl('stop', 'other-redis.service'));
  const redis = { url: 'redis://127.0.0.1:6390/0' };
  await writeFile('/etc/bough/bough.json', await writeSettings(repository, { redis }));

  const { code, said } = await install('/opt/bough');

  assert.equal(code, 0, said);
  assert.match(
    said,
    /stopping bough-redis\.service: redis\.url names another; what it kept stays in \/var\/lib\/bough-redis/,
  );
  assert.equal((await systemctl('show', '--value', '--property=LoadState', 'bough-redis.service')).trim(), 'not-found');
  assert.deepEqual([existsSync('/etc/bough/redis.conf'), existsSync('/run/bough-redis')], [false, false]);
});
