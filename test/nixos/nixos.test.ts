// One Debian is enough: NixOS has the newer systemd and Nix.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { renderSysusers } from '@bough/core/stack/stack-host.ts';
import { receiverFlags } from '@bough/core/stack/units/receiver-unit.ts';
import { appFiles } from '../support/app-files.ts';
import { attach, type Installation, systemctl, writeSettings } from '../support/installation.ts';
import { startLoad } from '../support/load.ts';
import { createRepository } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { addTarballs, buildHost, clearHost, evaluateHost, switchTo } from './nixos-host.ts';

const exec = promisify(execFile);
const readyz = 'http://127.0.0.1:9010/readyz';
let bough: Installation;
let settings: Record<string, unknown>;
let config: string;

before(async () => {
  const repository = await createRepository('/srv/bough-test');
  await exec('mkdir', ['-p', '-m', '0777', '/srv/bough-test/builds']);
  config = await writeSettings(repository);
  settings = JSON.parse(config);
  bough = attach(repository);
});
after(async () => {
  await bough[Symbol.asyncDispose]();
  await clearHost();
  await rm('/srv/bough-test', { recursive: true });
});

test('nix/package.nix is built by plain Nix from tarballs whose integrity it checks, and what it builds is whole', async (t) => {
  const began = performance.now();
  await addTarballs();
  const folder = await buildHost(settings, { attribute: 'bough' });
  t.diagnostic(`${Math.round(performance.now() - began)} ms`);

  assert.match((await exec(`${folder}/bin/bough`, ['--help'])).stdout, /^bough looks at the deployments/);
  assert.equal((await exec('find', [folder, '-xtype', 'l'])).stdout, '', 'links that lead nowhere');
  assert.equal((await exec('find', [folder, '-name', '*.node'])).stdout, '', 'parts for one processor');
  assert.match(await readFile(`${folder}/share/man/man1/bough.1`, 'utf8'), /^\.TH/m);
  const receiver = await readFile(`${folder}/bin/bough-receiver`, 'utf8');
  assert.ok(receiver.includes(` ${receiverFlags.join(' ')} ${folder}/lib/bough/apps/receiver/src/main.ts `), receiver);
  const worker = await readFile(`${folder}/bin/bough-worker`, 'utf8');
  for (const name of ['git', 'nix-bin', 'systemd', 'util-linux'])
    assert.match(worker, new RegExp(`PATH=\\S*:/nix/store/[^:/]+-${name}/bin[:\\s]`), name);
  await assert.rejects(exec(`${folder}/bin/bough-worker`, { env: {} }), { code: 64, stderr: /^usage: .*CONFIG/ });
});

test('the module breaks no assertion, and has the users that the units name', async () => {
  const users = renderSysusers(parseConfig(config, 'the settings'), null).matchAll(/^u (\S+) - ".*?" ?(\S*)$/gm);

  assert.deepEqual(await evaluateHost(settings, 'broken'), []);
  assert.deepEqual(
    await evaluateHost(settings, 'users'),
    [...users]
      .map(([, name, home]) => `${name} of ${name} in ${home === '' ? '-' : JSON.parse(home ?? '')}`)
      .toSorted(),
  );
});

test('settings that cannot work break the assertion that names them', async () => {
  const demo = Object(Reflect.get(Object(settings['projects']), 'demo'));
  const broken = async (wrong: object) => await evaluateHost({ ...settings, ...wrong }, 'broken');
  const only = async (wrong: object, message: RegExp) => {
    const messages = await broken(wrong);
    assert.ok(Array.isArray(messages) && messages.length === 1, JSON.stringify(messages));
    assert.match(messages[0], message);
  };

  await only({ projects: {} }, /projects names no project: add one with remote, url and webhookSecretFiles\.$/);
  await only({ board: { passwordFile: '/nix/store/secret' } }, /everybody can read it: board\.passwordFile\. /);
  await only({ projects: { demo, other: demo } }, /two projects with one url/);
  await only({ ports: { from: 3000, to: 2000 } }, /ports\.from is above ports\.to\.$/);
});

test('with the units and drop-ins of the module a push is live, by the programs of the package', async () => {
  await mkdir('/etc/sysusers.d', { recursive: true });
  await writeFile('/etc/sysusers.d/bough.conf', renderSysusers(parseConfig(config, 'the settings'), 'nix-users'));
  await exec('systemd-sysusers', ['bough.conf']);

  await switchTo(await buildHost(settings));

  await until('the receiver is ready', async () => (await fetch(readyz).catch(() => null))?.ok, 30_000);
  await bough.push('main', appFiles({ text: 'on NixOS' }));
  await bough.untilServes('main', 'on NixOS');
  await bough.untilIdle();
  const pid = (await systemctl('show', '--value', '--property=MainPID', 'bough-worker.service')).trim();
  const path = /(?:^|\0)PATH=([^\0]*)/.exec(await readFile(`/proc/${pid}/environ`, 'utf8'))?.[1] ?? '';
  assert.match(
    path,
    /^\/nix\/store\/[^:]*-nix-of-the-system\/bin:\/nix\/store\/[^:]*-coreutils\/bin:\/nix\/store\/[^:]*-git\/bin:/,
  );
});

test('the units pass systemd-analyze verify, are exposed as little as is claimed, and find their programs', async (t) => {
  const script = new URL('../../nix/tests/verify-units.sh', import.meta.url);
  const { stdout } = await exec(script.pathname, ['/etc/systemd/system']);

  t.diagnostic(stdout.trim().replaceAll('\n', ', '));
});

test('a switch restarts what reads something that has changed, by its content, and no request is lost', async (t) => {
  const load = startLoad('/main/', { connections: 8, rate: 200 });
  const switched = async (more: object, extra = '') =>
    await switchTo(await buildHost({ ...settings, ...more }, { extra }));

  const switches = async () => ({
    nothing: await switched({}),
    setting: await switched({ logLevel: 'debug' }),
    version: await switched({ logLevel: 'debug' }, 'the next version'),
  });

  const restarted = await switches().finally(() => void load.stop());

  const { failed, text } = await load.stop();
  t.diagnostic(text);
  assert.equal(failed, 0, text);
  const readers = ['bough-receiver.service', 'bough-worker.service'];
  assert.deepEqual(restarted, { nothing: [], setting: readers, version: readers });
});

test('a switch that changes how branches are reached restarts Caddy', async () => {
  const demo = { ...Object(Reflect.get(Object(settings['projects']), 'demo')), productionAtRoot: true };

  const restarted = await switchTo(await buildHost({ ...settings, projects: { demo } }, { extra: 'the next version' }));

  assert.deepEqual(restarted, ['bough-caddy.service', 'bough-receiver.service', 'bough-worker.service']);
  await bough.untilServes('main', 'on NixOS');
});
