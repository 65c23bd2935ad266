import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { AppError } from '../app-error.ts';
import { Config } from '../config/config.ts';
import { layoutOf } from '../layout.ts';
import { renderCaddyfile } from './caddyfile.ts';
import { ownRedisSocket, renderRedisConf } from './redis-conf.ts';
import { renderSysusers, renderTmpfiles, type StackHost } from './stack-host.ts';
import { renderStackUnits } from './stack-units.ts';

const system: StackHost = {
  scope: 'system',
  node: '/opt/node/bin/node',
  root: '/opt/bough',
  caddy: '/usr/bin/caddy',
  redisServer: '/usr/bin/redis-server',
  folder: '/etc/bough',
  path: '/usr/local/bin:/usr/bin:/bin',
  runtimeRoot: '/run',
  dataDir: '/var/lib/bough',
  nixConfig: 'sync-before-registering = true',
};

const user: StackHost = {
  ...system,
  scope: 'user',
  root: '/home/ada/100% mine/bough',
  folder: '/home/ada/.config/bough',
  runtimeRoot: '/run/user/1000',
  dataDir: '/home/ada/.local/state/bough',
};

test('the Caddyfile of one project answers any host', (t) => {
  isGolden(t, 'one-project.caddyfile', caddyfile(configOf({ site: 'http://localhost:8080' })));
});

test('the Caddyfile of several projects tells them apart by host, and ends TLS where Caddy listens', (t) => {
  const config = configOf({ site: 'https://site.example', docs: 'https://docs.example' }, '[::1]:443');
  isGolden(t, 'several-projects.caddyfile', caddyfile(config));
});

test('the Caddyfile of projects with the production branch at the root, by path and by subdomain', (t) => {
  const config = configOf(
    { site: 'https://site.example', docs: 'https://docs.example', app: 'https://app.example' },
    ':443',
    {
      site: { productionAtRoot: true },
      docs: { routing: 'subdomain' },
      app: { routing: 'subdomain', productionAtRoot: true },
    },
  );
  isGolden(t, 'routing.caddyfile', caddyfile({ ...config, caddy: { ...config.caddy, tls: 'internal' } }));
});

test('a certificate for all subdomains has to come from somewhere', () => {
  const config = configOf({ site: 'https://site.example' }, ':443', { site: { routing: 'subdomain' } });

  assert.throws(
    () => caddyfile(config),
    (error) => isInvalid(error) && /projects\.site\.url.* caddy\.tls/.test(error.message),
  );
  assert.match(
    caddyfile({ ...config, caddy: { ...config.caddy, tls: '/etc/bough/tls.caddyfile' } }),
    /\timport \/etc\/bough\/tls\.caddyfile\n/,
  );
});

test('a project behind a proxy that ends TLS is told that people see https', () => {
  assert.match(caddyfile(configOf({ site: 'https://site.example' })), /header_up X-Forwarded-Proto https/);
});

test('a port that speaks TLS for one project cannot be plain for another', () => {
  const config = configOf({ site: 'https://site.example:8443', docs: 'http://docs.example' }, ':8443');
  assert.throws(
    () => caddyfile(config),
    (error) => isInvalid(error) && /projects\.docs\.url/.test(error.message),
  );
});

test('a path Caddy would read as more than text is refused', () => {
  const base = configOf({ site: 'http://localhost:8080' });
  assert.throws(() => caddyfile({ ...base, caddy: { ...base.caddy, tls: '/etc/{env.HOME}' } }), isInvalid);
  for (const runtimeDir of ['/run/my bough', '/run/{env.HOME}', '/run/b*']) {
    const config = { ...configOf({ site: 'http://localhost:8080' }), runtimeDir };
    assert.throws(() => caddyfile(config), isInvalid);
  }
});

test('redis.conf keeps every job it acknowledged', (t) => {
  isGolden(t, 'redis.conf', renderRedisConf('/run/bough-redis/redis.sock', '/var/lib/bough-redis'));
});

test('redis.conf holds paths as Redis reads them, whatever is in them', () => {
  const conf = renderRedisConf('/srv/my "own"/r.sock', '/home/ada/a\\b c');

  assert.match(conf, /^unixsocket "\/srv\/my \\"own\\"\/r\.sock"$/m);
  assert.match(conf, /^dir "\/home\/ada\/a\\\\b c"$/m);
});

test('a Redis reached over the network is not ours to run', () => {
  const config = { ...configOf({ site: 'http://localhost:8080' }), redis: { url: 'redis://queues.example:6379' } };

  const units = renderStackUnits(config, system);

  assert.equal(ownRedisSocket(config), null);
  assert.ok(!units.has('bough-redis.service'));
  for (const [name, text] of units) assert.doesNotMatch(text, /bough-redis/, name);
});

test('a password for a Redis that lets in whoever may open its socket is refused', () => {
  assert.throws(
    () =>
      ownRedisSocket({
        ...configOf({ site: 'http://localhost:8080' }),
        redis: { url: 'unix:///r.sock', passwordFile: '/p' },
      }),
    isInvalid,
  );
});

for (const host of [system, user]) {
  test(`the units of the ${host.scope} scope`, (t) => {
    const config = {
      ...configOf({ site: 'http://localhost:8080' }),
      redis: { url: `unix://${host.runtimeRoot}/bough-redis/redis.sock` },
    };

    const units = [...renderStackUnits(config, host)].map(([name, text]) => `# ${name}\n${text}`);

    isGolden(t, `${host.scope}.units`, units.join('\n'));
  });
}

for (const remote of ['/tmp/demo/repository.git', 'file:///var/tmp/site.git']) {
  test(`the worker sees the /tmp of everybody where ${remote} is fetched from`, () => {
    const worker = (config: Config) => renderStackUnits(config, system).get('bough-worker.service') ?? '';
    const url = { site: 'http://localhost:8080' };

    assert.match(worker(configOf(url, ':8080', { site: { remote } })), /PrivateTmp=yes[^]*^PrivateTmp=no$/m);
    assert.doesNotMatch(worker(configOf(url)), /PrivateTmp=no/);
  });
}

test('the users and folders of the system scope', (t) => {
  isGolden(t, 'sysusers.conf', renderSysusers(configOf({ site: 'http://localhost:8080' }), 'nix-users'));
  isGolden(t, 'tmpfiles.conf', renderTmpfiles(configOf({ site: 'http://localhost:8080' })));
});

function configOf(
  urls: Record<string, string>,
  listen = ':8080',
  settings: Record<string, Record<string, unknown>> = {},
): Config {
  const project = (name: string, url: string) => ({
    remote: '/srv/repo.git',
    webhookSecretFiles: ['/etc/bough/secrets/webhook'],
    url,
    ...settings[name],
  });
  return Config.parse({
    board: { passwordFile: '/etc/bough/secrets/board' },
    caddy: { listen },
    projects: Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, project(name, url)])),
  });
}

function caddyfile(config: Config): string {
  return renderCaddyfile(config, layoutOf(config), (branch) => branch);
}

function isInvalid(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'CONFIG_INVALID';
}

/** Written again by `node --test --test-update-snapshots`. */
function isGolden(t: TestContext, name: string, text: string): void {
  t.assert.fileSnapshot(text, join(import.meta.dirname, 'golden', name), { serializers: [String] });
}
