// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Manifest } from '@bough/core/state/manifest.ts';
import { buildFlake } from '../support/build-flake.ts';
import { docExamples } from '../support/doc-examples.ts';
import type { Files } from '../support/flake.ts';
import { until } from '../support/until.ts';

/** Starts the service `web` as systemd would, as far as an app can tell. */
function startWeb(t: TestContext, { services: { web } }: Manifest, port: number): void {
  const [program = '', ...args] = web?.exec ?? [];
  const places = { PORT: String(port), HOST: '127.0.0.1', BASE_PATH: '/main', BOUGH_BRANCH: 'main' };
  const child = spawn(program, args, { env: { PATH: process.env['PATH'], HOME: '/tmp', ...places }, stdio: 'ignore' });
  t.after(() => child.kill());
}

const answers = (port: number, path: string, text: string) =>
  until(`${path} answers ${text}`, async () => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
    return (await response?.text())?.includes(text);
  });

const examples = await docExamples();

/** What an app of the examples has that the page need not show. */
const npmPackage = JSON.stringify({ name: 'shop', version: '1.0.0', type: 'module', lockfileVersion: 3 });
const unshown: Record<string, Files> = {
  Node: {
    'package.json': npmPackage,
    'package-lock.json': npmPackage,
    ...Object.fromEntries(['migrate', 'jobs', 'tidy'].map((name) => [`src/${name}.js`, ''])),
  },
};

test('every example of the page is tried', () => {
  assert.deepEqual([...examples.keys()], ['Node', 'Bun', 'Python', 'A static site']);
});

const filesOf = (title: string): Files => ({ ...examples.get(title), ...unshown[title] });

test('the example for Node is built, declares three services and answers', async (t) => {
  const { manifest, outPath } = await buildFlake(t, filesOf('Node'));

  const { web, jobs, tidy } = manifest.services;
  assert.deepEqual(Object.keys(manifest.services).toSorted(), ['jobs', 'tidy', 'web']);
  assert.match(web?.preStart?.[1] ?? '', /\/src\/migrate\.js$/);
  assert.deepEqual([web?.preStartTimeout, web?.sleepAfter, web?.health.status], [600, 1800, [200]]);
  assert.deepEqual(web?.serviceConfig, { MemoryMax: '512M', CPUQuota: '150%' });
  assert.equal(jobs?.listen, 'none');
  assert.equal(tidy?.schedule, '*-*-* 03:00');
  startWeb(t, manifest, 18_101);
  await answers(18_101, '/health', 'ok');
  await answers(18_101, '/', '<a href="/main/basket">');

  const readme = await buildFlake(t, { ...filesOf('Node'), 'README.md': 'new words' });
  assert.equal(readme.outPath, outPath);
});

test('the example for Bun is built from its source and sleeps', async (t) => {
  const { manifest } = await buildFlake(t, filesOf('Bun'));

  const { exec = [], sleepAfter } = manifest.services['web'] ?? {};
  assert.match(exec[0] ?? '', /\/bin\/bun$/);
  assert.equal(readFileSync(exec[1] ?? '', 'utf8'), examples.get('Bun')?.['src/server.ts']);
  assert.equal(sleepAfter, 1800);
});

test('the example for Python is built, takes a socket and replaces', async (t) => {
  const { manifest } = await buildFlake(t, filesOf('Python'));

  const { exec = [], listen } = manifest.services['web'] ?? {};
  assert.deepEqual([manifest.strategy, listen, exec.at(-1)], ['replace', 'socket', 'visits:app']);
  assert.equal(readFileSync(`${exec[2]}/visits.py`, 'utf8'), examples.get('Python')?.['src/visits.py']);
});

test('the example of a static site is built, is one program and answers', async (t) => {
  const { manifest, outPath } = await buildFlake(t, filesOf('A static site'));

  assert.deepEqual(manifest.services['web']?.exec, [`${outPath}/bin/site`]);
  startWeb(t, manifest, 18_102);
  await answers(18_102, '/', '<title>A site</title>');
});
