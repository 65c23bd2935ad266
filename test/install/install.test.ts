import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { appFiles } from '../support/app-files.ts';
import { attach, systemctl, writeSettings } from '../support/installation.ts';
import {
  copyOfCurrent,
  createServed,
  current,
  install,
  lostOf,
  next,
  underLoad,
  versions,
} from '../support/installer.ts';
import type { Repository } from '../support/repository.ts';

const exec = promisify(execFile);
/** A service that runs at times: systemd notes when it last did. */
const withNightly = `mkdir -p "$out/share/bough"
printf '{"schema":1,"services":{"web":{"exec":["%s/bin/app"]},"nightly":{"exec":["%s/bin/app"],"listen":"none","schedule":"daily"}}}' \\
  "$out" "$out" > "$out/share/bough/deployment.json"`;

let repository: Repository;
let untouched: Set<string>;
before(async () => {
  repository = await createServed();
  untouched = await everyPath();
});
after(async () => {
  for (const folder of [next, '/srv/bough-test']) await rm(folder, { recursive: true, force: true });
});

test('without a configuration a version is put in place, and what to write is said', async () => {
  const { code, said } = await install('/opt/bough');

  assert.equal(code, 0, said);
  assert.match(said, /write \/etc\/bough\/bough\.json .* then run bough-install/);
  assert.match((await exec('bough', ['--help'])).stdout, /bough rollback PROJECT BRANCH/);
});

test('a configuration with problems changes nothing and has all of them told', async () => {
  await writeSettings(repository);
  await writeFile('/etc/bough/bough.json', JSON.stringify({ boards: {}, projects: {} }));

  const { code, said } = await install('/opt/bough');

  assert.equal(code, 1);
  for (const word of ['boards', 'board:', 'projects']) assert.ok(said.includes(word), `${word} is not in ${said}`);
  assert.ok(!(await everyPath()).has('/etc/systemd/system/bough-worker.service'));
});

test('with one configuration file and one push a branch is live', async () => {
  await writeFile('/etc/bough/bough.json', await writeSettings(repository));

  const { code, said } = await install('/opt/bough');

  assert.equal(code, 0, said);
  await using bough = attach(repository);
  await bough.push('main', appFiles({ text: 'installed', build: withNightly }));
  await bough.untilServes('main', 'installed');
  await bough.untilIdle();
  assert.match((await exec('bough', ['status'])).stdout, /demo +main/);
  for (const name of await services())
    assert.equal((await systemctl('is-enabled', name)).trim(), 'enabled', `${name} starts at boot`);
});

test('its services pass systemd-analyze verify and are exposed as little as is claimed', async (t) => {
  for (const [name, limit] of Object.entries({ receiver: 1.5, worker: 4, redis: 1.5, caddy: 2 })) {
    const { stdout } = await exec('systemd-analyze', ['security', '--no-pager', `bough-${name}.service`]);
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    t.diagnostic(`bough-${name}.service: ${exposure}`);
    assert.ok(exposure <= limit, `bough-${name}.service: ${exposure}`);
  }
  const paths = (await services()).map((name) => `/etc/systemd/system/${name}`);
  const { stderr } = await exec('systemd-analyze', ['verify', '--man=no', ...paths]);
  assert.ok(!stderr.includes('bough'), stderr);
});

test('builders are limited as the configuration says', async () => {
  const daemon = await systemctl('show', '--property=ControlGroup,OOMPolicy', 'nix-daemon.service');
  const slice = await systemctl('show', '--property=CPUWeight,IOWeight', 'bough-builders.slice');

  assert.match(daemon, /^ControlGroup=.*\/bough\.slice\/bough-builders\.slice\/nix-daemon\.service$/m);
  assert.match(daemon, /^OOMPolicy=continue$/m);
  assert.deepEqual(slice.trim().split('\n').toSorted(), ['CPUWeight=20', 'IOWeight=20']);
});

test('the Nix daemon syncs a path before it counts as built, unless a drop-in of a person says what it is to do', async () => {
  const environment = async () => await systemctl('show', '--property=Environment', 'nix-daemon.service');
  const own = '/etc/systemd/system/nix-daemon.service.d/10-own.conf';
  assert.match(await environment(), /"?NIX_CONFIG=sync-before-registering = true"?$/m);

  await writeFile(own, '[Service]\nEnvironment="NIX_CONFIG=cores = 1"\n');
  await systemctl('daemon-reload');
  assert.match(await environment(), /^Environment="NIX_CONFIG=cores = 1"$/m);

  await rm(own);
  await systemctl('daemon-reload');
});

test('the receiver can read no secret file, no state and not the socket of the Nix daemon', async () => {
  const pid = (await systemctl('show', '--value', '--property=MainPID', 'bough-receiver.service')).trim();
  const inside = async (path: string) => {
    const argv = ['--target', pid, '--mount', '--setuid', await userOf(pid), '--', 'head', '-c1', path];
    return await exec('nsenter', argv).then(
      ({ stdout }) => stdout,
      (error: { stderr: string }) => error.stderr,
    );
  };

  for (const path of ['/etc/bough/webhook-secret', '/var/lib/bough/deployments', '/nix/var/nix/daemon-socket/socket'])
    assert.match(await inside(path), /Permission denied/, path);
});

test('run again it restarts nothing', async () => {
  const { result, restarted } = await restartedBy(() => install('/opt/bough'));

  assert.equal(result.code, 0, result.said);
  assert.doesNotMatch(result.said, /starting/);
  assert.deepEqual(restarted, []);
});

test('a changed configuration is applied by bough-install, and only who reads it is restarted', async () => {
  await writeFile('/etc/bough/bough.json', await writeSettings(repository, { logLevel: 'debug' }));

  const { restarted } = await restartedBy(() => exec('bough-install'));

  assert.deepEqual(restarted, ['bough-receiver.service', 'bough-worker.service']);
});

test('an upgrade under load loses no request to a live branch, and leaves Caddy and Redis alone', async (t) => {
  const version = await readlink(current);
  await copyOfCurrent();
  await appendFile(`${next}/apps/worker/src/main.ts`, '// the next version\n');

  const { result: upgrade, load } = await underLoad(() => restartedBy(() => install(next)));

  t.diagnostic(`${load.requests.total} requests, longest ${load.latency.max} ms`);
  assert.equal(upgrade.result.code, 0, upgrade.result.said);
  assert.notEqual(await readlink(current), version);
  assert.deepEqual(lostOf(load), { errors: 0, timeouts: 0, non2xx: 0 });
  assert.deepEqual(upgrade.restarted, ['bough-receiver.service', 'bough-worker.service']);
  assert.deepEqual(await versions(), [basename(version), basename(await readlink(current))].toSorted());
});

test('run again after an upgrade it keeps the version before, which can be installed from where it lies', async () => {
  const kept = await versions();
  const version = basename(await readlink(current));

  assert.equal((await install(next)).code, 0);
  assert.deepEqual(await versions(), kept);

  const earlier = kept.find((name) => name !== version);
  const { code, said } = await install('/usr/local/lib/bough/previous');
  assert.equal(code, 0, said);
  assert.equal(basename(await readlink(current)), earlier);
  assert.deepEqual(await versions(), kept);
});

test('taken away it leaves what it says, and installed again it brings the branch back', async () => {
  const { code, said } = await install('/opt/bough', '--uninstall');

  assert.equal(code, 0, said);
  assert.deepEqual(await units(), []);
  const kept = /left as they are: (.*), the users/.exec(said)?.[1]?.split(', ') ?? [];
  const { more, missing } = await changedPaths();
  assert.deepEqual(
    more.filter((path) => !kept.some((folder) => path === folder || path.startsWith(`${folder}/`))),
    [],
  );
  assert.deepEqual(missing, [], 'what was there before it was installed is there again');
  assert.deepEqual((await readdir('/etc/bough')).toSorted(), ['board-password', 'bough.json', 'webhook-secret']);

  assert.equal((await install('/opt/bough')).code, 0);
  await using bough = attach(repository);
  await bough.sweep();
  await bough.untilServes('main', 'installed');
});

test('purged it leaves nothing but what is not its own, and says so', async () => {
  const strangers = ['/var/lib/bough/of-others', '/run/bough/of-others'];
  for (const path of strangers) await writeFile(path, '');

  const { code, said } = await install('/opt/bough', '--uninstall', '--purge');

  assert.equal(code, 0, said);
  assert.deepEqual(await units(), []);
  assert.deepEqual(await changedPaths(), {
    more: ['/var/lib/bough', '/run/bough', ...strangers].toSorted(),
    missing: [],
  });
  assert.match(said, /left as they are: \/var\/lib\/bough$/m);
  for (const path of ['/var/lib/bough', '/run/bough']) await rm(path, { recursive: true });
  assert.doesNotMatch(await readFile('/etc/passwd', 'utf8'), /bough/);
  assert.doesNotMatch(await readFile('/etc/group', 'utf8'), /bough/);
});

async function changedPaths(): Promise<{ more: string[]; missing: string[] }> {
  const now = await everyPath();
  return {
    more: [...now].filter((path) => !untouched.has(path)).toSorted(),
    missing: [...untouched].filter((path) => !now.has(path)).toSorted(),
  };
}

/** Every path an installation could leave something at. Not: the store, logs, and the backups of user lists. */
async function everyPath(): Promise<Set<string>> {
  const perUser = ['profiles', 'gcroots'].map((area) => `/nix/var/nix/${area}/per-user`);
  const run = ['/run/bough', '/run/bough-redis', '/run/systemd/system', '/run/credentials'];
  const roots = ['/etc', '/usr', '/var', ...run, ...perUser];
  const { stdout } = await exec('sh', ['-c', 'find "$@" 2>/dev/null || true', 'sh', ...roots], { maxBuffer: 1 << 28 });
  const ignored =
    /^\/var\/(log|tmp|cache\/(ldconfig|man|fontconfig)|lib\/systemd(?!\/timers\/stamp-bough))\b|^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$|^\/etc\/\.pwd\.lock$/;
  // What Nix makes for root it makes for whoever asks it anything.
  const ofRoot = /^\/nix\/.*\/root$/;
  return new Set(stdout.split('\n').filter((path) => !ignored.test(path) && !ofRoot.test(path)));
}

const services = async () =>
  (await readdir('/etc/systemd/system')).filter((name) => /^bough-.*\.service$/.test(name)).toSorted();

const units = async () =>
  (await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough*'))
    .split('\n')
    .filter((line) => line !== '');

async function pids(): Promise<Record<string, string>> {
  const running = (await services()).filter((name) => name !== 'bough-restore.service');
  const entries = running.map(async (name) => [name, await systemctl('show', '--value', '--property=MainPID', name)]);
  return Object.fromEntries(await Promise.all(entries));
}

/** What something gave, and the services that run as another process since. */
async function restartedBy<T>(act: () => Promise<T>): Promise<{ result: T; restarted: string[] }> {
  const earlier = await pids();
  const result = await act();
  const later = await pids();
  return { result, restarted: Object.keys(later).filter((name) => later[name] !== earlier[name]) };
}

const userOf = async (pid: string) => /^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
