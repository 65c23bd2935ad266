import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const mayStart = '/srv/bough-test/may-start';
const server = `import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
if (!existsSync('${mayStart}')) throw new Error('it may not start');
createServer((_, response) => response.end('awake')).listen(Number(process.env.PORT), '127.0.0.1');
`;

let bough: Installation;
before(async () => {
  bough = await install({}, { sleepAfter: '1s' });
  await writeFile(mayStart, '');
  await bough.push('sleepy', appFiles({ text: 'sleepy', server }));
  await bough.untilServes('sleepy', 'awake');
  await bough.untilIdle();
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const untilAsleep = () =>
  until(
    'it sleeps',
    async () =>
      (await systemctl('list-units', '--state=active,activating', '--no-legend', 'bough-demo--sleepy--*.service')) ===
      '',
    30_000,
  );

test('a wake that fails is told to each of 20 clients within seconds, and each request tries again', async (t) => {
  await untilAsleep();
  await rm(mayStart);

  const began = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => ({ ...(await get('/sleepy/')), ms: performance.now() - began })),
  );

  const longest = Math.max(...answers.map(({ ms }) => ms));
  t.diagnostic(`the last of 20 clients was answered after ${Math.round(longest)} ms`);
  for (const { status, body } of answers) {
    assert.equal(status, 503, body);
    assert.match(body, /could not be woken/);
    assert.match(body, /tries again/);
  }
  assert.equal((await get('/sleepy/')).status, 503, 'of one more client too');

  // No sweep, and nothing but requests: systemd tries five times within ten seconds, then again after these.
  await writeFile(mayStart, '');
  const mended = performance.now();
  await until('it is awake', async () => (await get('/sleepy/')).body === 'awake', 15_000);
  t.diagnostic(`mended, it answered after ${Math.round(performance.now() - mended)} ms`);
});
