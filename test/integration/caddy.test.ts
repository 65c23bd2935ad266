// One Debian is enough: Caddy is the same version on both.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { startCaddy, type TestCaddy } from '../support/caddy.ts';
import { appsBehind, tell, withDeadline } from '../support/caddy-apps.ts';

const run = promisify(execFile);
const branch = (slug: string, project = 'site'): DeploymentId => ({ project, slug });

let caddy: TestCaddy;
let apps: ReturnType<typeof appsBehind>;
const longest = 'a'.repeat(40);

before(async () => {
  caddy = await startCaddy({ site: 'site.test', docs: 'docs.test' });
  apps = appsBehind(caddy);
  for (const slug of ['main', 'other', 'a-b', longest]) await apps.serve(branch(slug), 1, tell(`site ${slug}`));
  await apps.serve(branch('main', 'docs'), 1, tell('docs main'));
});

after(async () => {
  apps.close();
  await caddy[Symbol.asyncDispose]();
});

test('a request reaches its branch without the prefix, which it is told of', async () => {
  const answer = await get('/main/a/b?c=d&e={env.HOME}', {
    'X-Forwarded-Prefix': '/evil',
    'X-Forwarded-For': '6.6.6.6',
  });

  assert.equal(answer.status, 200);
  assert.equal(answer.app.name, 'site main');
  assert.equal(answer.app.url, '/a/b?c=d&e={env.HOME}');
  assert.equal(answer.app.headers['x-forwarded-prefix'], '/main');
  assert.equal(answer.app.headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(answer.app.headers['x-forwarded-proto'], 'http');
  assert.equal(answer.app.headers['host'], 'site.test');
});

test('projects are told apart by host, and a host nobody has is nobody’s', async () => {
  assert.equal((await get('/main/', { Host: 'docs.test' })).app.name, 'docs main');
  assert.equal((await get('/other/', { Host: 'docs.test' })).status, 404);
  assert.equal((await get('/main/', { Host: 'evil.test' })).status, 404);
});

test('a single project answers any host', async () => {
  await using single = await startCaddy({ site: 'site.test' });
  const only = appsBehind(single);
  await only.serve(branch('main'), 1, tell('the only one'));

  assert.equal((await only.get('/main/', { Host: '203.0.113.7' })).app.name, 'the only one');
  only.close();
});

test('a branch without its slash is sent to it, query and all', async () => {
  for (const [path, location] of [
    ['/main', '/main/'],
    ['/main?a={env.HOME}&b=%2F', '/main/?a={env.HOME}&b=%2F'],
  ] as const) {
    const answer = await get(path);
    assert.deepEqual([answer.status, answer.headers['location']], [308, location]);
  }
});

test('a branch that does not exist is a plain page that names nothing', async () => {
  for (const path of ['/nope/', '/nope', '/', '/favicon.ico']) {
    const answer = await get(path);
    assert.deepEqual([answer.status, answer.headers['cache-control']], [404, 'no-store'], path);
    assert.match(answer.text, /Nothing is here/);
    assert.doesNotMatch(answer.text, /main|other|bough|nope|favicon/);
  }
});

// What is sent, raw; and which app gets what, or the status of Caddy's own answer.
for (const [target, expected] of [
  ['/main/../other/x', 'site main /../other/x'],
  ['/main/%2e%2e/other/x', 'site main /%2e%2e/other/x'],
  ['/main/..%2fother/', 'site main /..%2fother/'],
  ['/main//other/../..', 'site main //other/../..'],
  ['/main//other', 'site main //other'],
  ['/main/a%2Fb%20c', 'site main /a%2Fb%20c'],
  ['/main/?/../../other/', 'site main /?/../../other/'],
  ['http://site.test/other/q', 'site other /q'],
  [`/${longest}/`, `site ${longest} /`],
  [`/${longest}a/`, 404],
  [`/${longest.repeat(10)}/`, 404],
  ['/a-b/', 'site a-b /'],
  ['/../main/', 404],
  ['/./main/', 404],
  ['//main/', 404],
  ['/%6dain/', 404],
  ['/main%2fx/', 404],
  ['/main%2f..%2fother/', 404],
  ['/main%00/', 404],
  ['/main;x/', 404],
  ['/MAIN/', 404],
  ['/Main/', 404],
  ['/mаin/', 404], // a Cyrillic letter
  ['/main\\..\\other/', 404],
  ['/a--b/', 404],
  ['/-main/', 404],
  ['/main-/', 404],
  ['/{env.HOME}/', 404],
  ['/{re.branch.1}/', 404],
  ['/*/', 404],
  ['/site/main/', 404],
  ['/worker.lock/', 404],
  ['/..', 404],
  ['*', 404],
  ['/main/%zz', 400],
] as const) {
  test(`${target.replaceAll(longest, 'a×40 ')} ${typeof expected === 'number' ? `is answered ${expected} by Caddy` : `is for ${expected.replace(longest, 'a×40')}`}`, async () => {
    const answer = await apps.sendRaw(target, 'site.test');

    if (typeof expected === 'number') assert.equal(answer.status, expected);
    else assert.equal(`${answer.app.name} ${answer.app.url}`, expected);
  });
}

test('a branch whose process is gone is a page that says when to come back', async () => {
  const id = branch('dead');
  await mkdir(caddy.layout.sockets(id), { recursive: true });
  await apps.pointAt(id, 'r1-web.sock');

  const answer = await get('/dead/');

  assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '5']);
  assert.match(answer.text, /does not answer/);
});

test('a request made before the socket is there is answered by it', async () => {
  const id = branch('soon');
  await mkdir(caddy.layout.sockets(id), { recursive: true });

  const early = get('/soon/');
  await sleep(200); // long enough to have failed at once
  await apps.serve(id, 1, tell('soon'));

  assert.equal((await early).app.name, 'soon');
});

test('an app’s own 404 and 503 pass as they are', async () => {
  await apps.serve(branch('moody'), 1, (incoming, response) => {
    response.writeHead(Number(incoming.url?.slice(1)), { 'X-Own': 'yes' }).end('mine');
  });

  for (const status of [404, 503]) {
    const answer = await get(`/moody/${status}`);
    assert.deepEqual([answer.status, answer.text, answer.headers['x-own']], [status, 'mine', 'yes']);
  }
});

test('a stream arrives as it is written, and the app sees its reader leave', async () => {
  const left = Promise.withResolvers<void>();
  await apps.serve(branch('stream'), 1, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain' }).write('first');
    response.on('close', () => left.resolve());
  });

  const incoming = await ask('/stream/');
  const [chunk]: unknown[] = await once(incoming, 'data');
  incoming.destroy();

  assert.equal(String(chunk), 'first');
  await withDeadline(left.promise, 'the app to see its reader leave');
});

test('a WebSocket goes through both ways', async () => {
  const server = await apps.serve(branch('socket'), 1, () => {});
  server.on('upgrade', (incoming, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.on('data', (data) => socket.write(`${incoming.url} heard ${String(data)}`));
    socket.on('error', () => {});
  });

  const client = request({
    port: caddy.port,
    host: '127.0.0.1',
    path: '/socket/chat',
    headers: { ...upgrade, Host: 'site.test' },
  }).end();
  const [answer, socket] = await withDeadline(once(client, 'upgrade'), 'the upgrade');
  socket.write('hello');
  const [heard]: unknown[] = await withDeadline(once(socket, 'data'), 'the echo');
  socket.destroy();

  assert.equal(answer.statusCode, 101);
  assert.equal(String(heard), '/chat heard hello');
});

test('20 switches under load fail no request, and each leads to the new release at once', async (t) => {
  const id = branch('busy');
  let old = await apps.serve(id, 1, tell('1'));
  const load = run('wrk', [
    '--threads=1',
    '--connections=16',
    '--duration=9s',
    '--timeout=20s',
    '--header=Host: site.test',
    `http://127.0.0.1:${caddy.port}/busy/`,
  ]);

  for (let seq = 2; seq <= 21; seq += 1) {
    const next = await apps.serve(id, seq, tell(String(seq)));
    assert.equal((await get('/busy/')).app.name, String(seq));
    await sleep(150); // the drain: what the old release has been given it may finish
    old.close();
    old = next;
    await sleep(150);
  }

  const { stdout } = await load;
  t.diagnostic(stdout.replace(/\s+/g, ' '));
  assert.match(stdout, /[1-9]\d* requests in/);
  assert.doesNotMatch(stdout, /Socket errors|Non-2xx/);
});

for (const name of ['one-project', 'several-projects', 'routing']) {
  test(`Caddy takes the golden file ${name}.caddyfile`, async () => {
    const path = join(import.meta.dirname, '../../packages/core/src/stack/golden', `${name}.caddyfile`);
    const env = { ...process.env, HOME: caddy.layout.runtimeDir, XDG_DATA_HOME: caddy.layout.runtimeDir };

    await run('caddy', ['validate', '--config', path, '--adapter', 'caddyfile'], { env });
  });
}

const upgrade = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** Asks the Caddy of several projects, as a visitor of `site` unless told otherwise. */
function ask(path: string, headers: Record<string, string> = {}) {
  return apps.ask(path, { Host: 'site.test', ...headers });
}

function get(path: string, headers: Record<string, string> = {}) {
  return apps.get(path, { Host: 'site.test', ...headers });
}
