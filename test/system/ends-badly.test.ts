// One Debian is enough: what the exit status of an app means is Bough's to judge; that sleep works is in `sleep.test.ts`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Deployment } from '@bough/core/state/deployment.ts';
import { Release } from '@bough/core/state/release.ts';
import { appFiles } from '../support/app-files.ts';
import { type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

/** An app that ends with a status of its own when it is told to stop, as a Java machine does. */
const app = (text: string) =>
  appFiles({
    text,
    server: `import { createServer } from 'node:http';
process.on('SIGTERM', () => process.exit(1));
createServer((_, response) => response.end('${text}')).listen(Number(process.env.PORT), '127.0.0.1');
`,
  });

const verdictOf = async (bough: Installation, slug: string, seq: number) =>
  Release.parse(JSON.parse(await readFile(bough.layout.releaseFile({ project: 'demo', slug }, seq), 'utf8'))).verdict
    .state;
const invocation = async (unit: string) =>
  (await systemctl('show', '--value', '--property=InvocationID,ActiveState', unit)).trim();
const untilAsleep = (slug: string) =>
  until(
    'it sleeps',
    async () =>
      (await systemctl(
        'list-units',
        '--state=active,activating,deactivating',
        '--no-legend',
        `bough-demo--${slug}--*.service`,
      )) === '',
    30_000,
  );

test('an app that ends with a failure when it goes to sleep sleeps on, and keeps its verdict', async () => {
  await using bough = await install({}, { sleepAfter: '1s' });
  for (const text of ['one', 'two']) {
    await bough.push('feature', app(text));
    await bough.untilServes('feature', text);
    await bough.untilIdle();
  }
  await untilAsleep('feature');
  const before = await invocation('bough-demo--feature--r2-web.service');

  await bough.sweep();
  await bough.untilIdle();

  assert.equal(await verdictOf(bough, 'feature', 2), 'verified');
  assert.equal(await invocation('bough-demo--feature--r2-web.service'), before, 'nothing woke it');
});

test('so does one the limits of its project put to sleep', async () => {
  await using bough = await install({}, { maxLive: 1 });
  for (const text of ['one', 'two']) {
    await bough.push('alpha', app(text));
    await bough.untilServes('alpha', text);
    await bough.untilIdle();
  }
  await bough.push('beta', app('beta'));
  await bough.untilServes('beta', 'beta');
  await bough.untilIdle();
  await untilAsleep('alpha');
  const before = await invocation('bough-demo--alpha--r2-web.service');

  await bough.sweep();
  await bough.untilIdle();

  const record = Deployment.parse(
    JSON.parse(await readFile(bough.layout.deploymentFile({ project: 'demo', slug: 'alpha' }), 'utf8')),
  );
  assert.equal(await verdictOf(bough, 'alpha', 2), 'verified');
  assert.notEqual(record.asleep, null);
  assert.equal(await invocation('bough-demo--alpha--r2-web.service'), before, 'nothing woke it');
});
