// One Debian is enough: Caddy is the same version on both.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { slugOf } from '@bough/host/slug.ts';
import { appFiles } from '../support/app-files.ts';
import { ask } from '../support/ask.ts';
import { get, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

/** Tells what the contract promised the app, and what it was asked. */
const telling = `import { createServer } from 'node:http';
createServer((request, response) => {
  const { BASE_PATH, BOUGH_URL, BOUGH_BRANCH } = process.env;
  response.end(JSON.stringify({ BASE_PATH, BOUGH_URL, BOUGH_BRANCH, path: request.url }));
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
const tellingFiles = appFiles({ text: 'telling', server: telling });

test('a branch none of whose builds succeeded says so, also when its page was lost', async () => {
  await using bough = await install();
  const says = async () => {
    const { status, body } = await get('/broken/');
    return { status, isFailed: body.includes('This branch failed'), isTold: body.includes('The builder failed') };
  };

  await bough.push('broken', appFiles({ text: 'broken', build: 'exit 1' }));
  await bough.untilIdle();
  assert.deepEqual(await says(), { status: 503, isFailed: true, isTold: true });
  await rm(bough.layout.sockets({ project: 'demo', slug: 'broken' }), { recursive: true });
  assert.equal((await says()).status, 404);
  await bough.sweep();
  assert.deepEqual(await says(), { status: 503, isFailed: true, isTold: true });

  await bough.push('broken', appFiles({ text: 'mended' }));
  await bough.untilServes('broken', 'mended');
});

test('by subdomain each branch has a host to itself, production the bare one too, and a deleted branch none', async () => {
  await using bough = await install({}, { routing: 'subdomain', productionAtRoot: true });
  await bough.push('main', tellingFiles);
  await bough.push('feature/x', { ...tellingFiles, note: 'another output' });
  const host = `${slugOf('feature/x')}.localhost:8080`;

  const main = { BASE_PATH: '', BOUGH_URL: 'http://localhost:8080', BOUGH_BRANCH: 'main' };
  assert.deepEqual(await told('localhost:8080', '/a//b?c'), { ...main, path: '/a//b?c' });
  assert.deepEqual(await told('main.localhost:8080', '/main/'), { ...main, path: '/main/' });
  const feature = { BASE_PATH: '', BOUGH_URL: `http://${host}`, BOUGH_BRANCH: 'feature/x' };
  assert.deepEqual(await told(host, '/x'), { ...feature, path: '/x' });
  assert.equal((await ask('nope.localhost:8080', '/')).statusCode, 404);

  await bough.remove('feature/x');
  await until('it is gone', async () => (await ask(host, '/')).statusCode === 404, 30_000);
});

test('by path, production answers at the root whatever is no branch', async () => {
  await using bough = await install({}, { productionAtRoot: true });
  await bough.push('main', tellingFiles);
  await bough.push('about', { ...tellingFiles, note: 'another output' });
  await bough.untilServes('about', '"about"');

  const main = { BASE_PATH: '', BOUGH_URL: 'http://localhost:8080', BOUGH_BRANCH: 'main' };
  assert.deepEqual(await told('localhost:8080', '/'), { ...main, path: '/' });
  assert.deepEqual(await told('localhost:8080', '/us/x?y'), { ...main, path: '/us/x?y' });
  assert.deepEqual(await told('localhost:8080', '/main/x'), { ...main, path: '/x' });
  assert.deepEqual(await told('localhost:8080', '/about/x'), {
    BASE_PATH: '/about',
    BOUGH_URL: 'http://localhost:8080/about',
    BOUGH_BRANCH: 'about',
    path: '/x',
  });
});

test('a branch that comes to be excluded is taken down by the sweep with that reason, and not built again', async () => {
  await using bough = await install();
  await bough.push('main', appFiles({ text: 'main' }));
  await bough.push('wip/x', appFiles({ text: 'work in progress' }));
  await bough.untilServes('main', 'main');
  await bough.untilServes('wip/x', 'work in progress');

  const config = JSON.parse(await readFile('/etc/bough/bough.json', 'utf8'));
  config.projects.demo.exclude = ['wip/**', 'main'];
  await writeFile('/etc/bough/bough.json', JSON.stringify(config));
  await systemctl('restart', 'bough-worker.service', 'bough-receiver.service');
  await bough.sweep();

  await until('it is gone', async () => (await get(`/${slugOf('wip/x')}/`)).status === 404, 30_000);
  const sweeps = await bough.sweeps.getCompleted();
  const findings = sweeps.flatMap(({ returnvalue }) => returnvalue.findings);
  assert.ok(
    findings.includes('remove demo wip/x: the project excludes branches that match wip/**'),
    findings.join('; '),
  );
  await bough.sweep();
  assert.equal((await get(`/${slugOf('wip/x')}/`)).status, 404);
  assert.match((await get('/main/')).body, /main from release 1/);
});

/** What the app at this address tells, as soon as it is there. */
async function told(host: string, path: string): Promise<unknown> {
  const answer = await until(
    `${host}${path} answers`,
    async () => {
      const incoming = await ask(host, path);
      const text = Buffer.concat(await incoming.toArray()).toString();
      return incoming.statusCode === 200 && text;
    },
    30_000,
  );
  return JSON.parse(answer);
}
