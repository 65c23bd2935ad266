// One Debian is enough: Caddy is the same version on both.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { writeStatusPage } from '@bough/host/reconcile/write-status-page.ts';
import { startCaddy, type TestCaddy } from '../support/caddy.ts';
import { appsBehind, tell } from '../support/caddy-apps.ts';

const main: DeploymentId = { project: 'site', slug: 'main' };
const other: DeploymentId = { project: 'site', slug: 'other' };
const settings = { productionAtRoot: true };
const longest = 'a'.repeat(40);

let byPath: TestCaddy;
let bySubdomain: TestCaddy;
let paths: ReturnType<typeof appsBehind>;
let hosts: ReturnType<typeof appsBehind>;

before(async () => {
  byPath = await startCaddy({ site: 'site.test' }, { settings });
  bySubdomain = await startCaddy(
    { site: 'site.test', docs: 'docs.test' },
    { settings: { ...settings, routing: 'subdomain' } },
  );
  paths = appsBehind(byPath);
  hosts = appsBehind(bySubdomain);
  for (const apps of [paths, hosts]) {
    for (const slug of ['main', 'other', 'a-b', longest]) await apps.serve({ project: 'site', slug }, 1, tell(slug));
  }
  await hosts.serve({ project: 'docs', slug: 'other' }, 1, tell('docs other'));
});

after(async () => {
  paths.close();
  hosts.close();
  await byPath[Symbol.asyncDispose]();
  await bySubdomain[Symbol.asyncDispose]();
});

// By path with the production branch at the root: what is sent, raw; and which app gets what.
for (const [target, expected] of [
  ['/', 'main /'],
  ['/?a=b', 'main /?a=b'],
  ['/about/us?x', 'main /about/us?x'],
  ['/main/', 'main /'],
  ['/other/x', 'other /x'],
  ['/otherwise/x', 'main /otherwise/x'],
  ['/other%2fx', 'main /other%2fx'],
  ['/%6fther/', 'main /%6fther/'],
  ['//other/', 'main //other/'],
  ['/../other/', 'main /../other/'],
  ['/x/../other/', 'main /x/../other/'],
  ['/OTHER/', 'main /OTHER/'],
  ['/{env.HOME}/', 'main /%7Benv.HOME%7D/'],
  [`/${longest}a/`, `main /${longest}a/`],
  ['http://site.test/other/q', 'other /q'],
  ['/%zz', 400],
] as const) {
  test(`with production at the root, ${target.replace(longest, 'a×40 ')} is ${typeof expected === 'number' ? `answered ${expected}` : `for ${expected.replace(longest, 'a×40 ')}`}`, async () => {
    const answer = await paths.sendRaw(target, 'site.test');

    if (typeof expected === 'number') assert.equal(answer.status, expected);
    else assert.equal(`${answer.app.name} ${answer.app.url}`, expected);
  });
}

test('the production app at the root is told no prefix, whatever a visitor says', async () => {
  const headers = { Host: 'site.test', 'X-Forwarded-Prefix': '/evil' };

  assert.equal((await paths.get('/x', headers)).app.headers['x-forwarded-prefix'], undefined);
  assert.equal((await paths.get('/other/x', headers)).app.headers['x-forwarded-prefix'], '/other');
  assert.equal((await hosts.get('/x', headers)).app.headers['x-forwarded-prefix'], undefined);
  assert.equal(
    (await hosts.get('/x', { ...headers, Host: 'other.site.test' })).app.headers['x-forwarded-prefix'],
    undefined,
  );
});

// By subdomain, two projects: the host that is sent, raw; and which app answers, or the status of Caddy's own answer.
for (const [host, expected] of [
  ['other.site.test', 'other'],
  ['other.site.test:8443', 'other'],
  ['main.site.test', 'main'],
  ['a-b.site.test', 'a-b'],
  [`${longest}.site.test`, longest],
  ['site.test', 'main'],
  ['other.docs.test', 'docs other'],
  ['a-b.docs.test', 404],
  ['docs.test', 404], // its production branch is not there
  ['nope.site.test', 404],
  [`${longest}a.site.test`, 404],
  ['x.other.site.test', 404],
  ['other.site.test.evil.test', 404],
  ['other.siteXtest', 404],
  ['othersite.test', 404],
  ['.site.test', 404],
  ['..site.test', 404],
  ['-other.site.test', 404],
  ['a--b.site.test', 404],
  ['OTHER.site.test', 404],
  ['other.site.test.', 404],
  ['{env.HOME}.site.test', 400],
  ['*.site.test', 404],
  ['../docs/other.site.test', 400],
  ['other%2f.site.test', 404],
  ['other.site.test, main.site.test', 400],
  ['', 404],
] as const) {
  test(`by subdomain, the host ${host.replace(longest, 'a×40 ') || 'nobody has'} is ${typeof expected === 'number' ? `answered ${expected} by Caddy` : `that of ${expected.replace(longest, 'a×40')}`}`, async () => {
    const answer = await hosts.sendRaw('/main/%2e%2e//x?y', host);

    if (typeof expected === 'number') assert.equal(answer.status, expected);
    else assert.equal(`${answer.app.name} ${answer.app.url}`, `${expected} /main/%2e%2e//x?y`);
  });
}

test('with TLS ended by Caddy, each branch has a certificate for its host, and the bare host has one', async () => {
  await using caddy = await startCaddy(
    { site: 'site.test' },
    { tls: true, settings: { ...settings, routing: 'subdomain' } },
  );
  const apps = appsBehind(caddy);
  await apps.serve(main, 1, tell('main'));
  await apps.serve(other, 1, tell('other'));

  const answer = await apps.get('/x', { Host: 'other.site.test' });

  assert.deepEqual([answer.app.name, answer.app.headers['x-forwarded-proto']], ['other', 'https']);
  assert.equal((await apps.get('/', { Host: 'site.test' })).app.name, 'main');
  assert.equal((await apps.get('/', { Host: 'nope.site.test' })).status, 404);
  apps.close();
});

for (const [status, title] of [
  [{ state: 'starting' }, /This branch is starting/],
  [{ state: 'sleeping' }, /could not be woken/],
  [{ state: 'failed', code: 'APP_NEVER_LISTENED' }, /This branch failed.*did not listen within its deadline/],
  [{ state: 'suspended' }, /This branch is suspended/],
] as const) {
  test(`a branch that is ${status.state} and has no socket says so at once, for any request`, async () => {
    const id = { project: 'site', slug: `is-${status.state}` };
    await writeStatusPage(byPath.layout, id, status);
    await writeStatusPage(bySubdomain.layout, id, status);

    for (const method of ['GET', 'POST', 'PUT', 'OPTIONS']) {
      const began = performance.now();
      const answers = [
        await paths.get(
          `/${id.slug}/some/path?x=1`,
          { Host: 'site.test', Range: 'bytes=0-3', 'If-None-Match': '*' },
          method,
        ),
        await hosts.get('/web.sock', { Host: `${id.slug}.site.test` }, method),
      ];

      for (const answer of answers) {
        assert.deepEqual(
          [answer.status, answer.headers['retry-after'], answer.headers['cache-control']],
          [503, '5', 'no-store'],
          method,
        );
        assert.match(answer.headers['content-type'] ?? '', /^text\/html/);
        assert.match(answer.text, title);
        assert.match(answer.text, /<\/html>$/);
        assert.doesNotMatch(answer.text, /site|is-|\/run|\/tmp|bough/);
      }
      assert.ok(performance.now() - began < 5_000, 'nobody waits for a socket');
    }
    const head = await paths.get(`/${id.slug}/`, { Host: 'site.test' }, 'HEAD');
    assert.deepEqual([head.status, head.text], [503, '']);
  });
}

test('the page of a branch is shown when its process breaks the connection, at once, and no other file of its folder', async () => {
  const id = { project: 'site', slug: 'breaks' };
  let asked = 0;
  const server = await paths.serve(id, 1, (incoming) => {
    asked += 1;
    incoming.socket.destroy();
  });
  await writeStatusPage(byPath.layout, id, { state: 'failed' });
  await writeFile(join(byPath.layout.sockets(id), 'secret.html'), 'secret');

  for (const path of ['/breaks/', '/breaks/secret.html', '/breaks/status.html', '/breaks/../secret.html']) {
    const answer = await paths.get(path, { Host: 'site.test' });
    assert.equal(answer.status, 503);
    assert.match(answer.text, /This branch failed/);
  }
  assert.equal(asked, 4, 'what breaks the process is not sent to it again and again');
  server.close();
});

test('a page that stands while the branch serves is not shown, and gone it leaves the general one', async () => {
  await writeStatusPage(byPath.layout, other, { state: 'sleeping' });
  assert.equal((await paths.get('/other/', { Host: 'site.test' })).app.name, 'other');
  await writeStatusPage(byPath.layout, other, null);

  const id = { project: 'site', slug: 'general' };
  await mkdir(byPath.layout.sockets(id), { recursive: true });
  const answer = await paths.get('/general/', { Host: 'site.test' });
  assert.equal(answer.status, 503);
  assert.match(answer.text, /does not answer/);
});

test('a production branch that failed says so at the root', async () => {
  await using caddy = await startCaddy({ site: 'site.test' }, { settings });
  const apps = appsBehind(caddy);
  assert.equal((await apps.get('/', { Host: 'site.test' })).status, 404);
  await writeStatusPage(caddy.layout, main, { state: 'failed' });

  const answer = await apps.get('/about', { Host: 'site.test' });

  assert.equal(answer.status, 503);
  assert.match(answer.text, /This branch failed/);
});
