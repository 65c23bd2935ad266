// One Debian is enough: what Bough makes of it is its own; that systemd stops, sleeps and fails so is in other files on both.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Release } from '@bough/core/state/release.ts';
import { manifest } from '../support/build-manifest.ts';
import { appFiles, buildRuns } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { idOf, record } from '../support/limits.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install({ reconcile: { settleSec: 3, drainSec: 0.5, stopTimeoutSec: 1 } });
  await bough.push('main', appFiles({ text: 'main' }));
  await bough.untilServes('main', 'main');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const web = { exec: ['@out@/bin/app'] };

/** Takes 13 s to stop, which its manifest allows and the project's `stopTimeoutSec` does not. */
const slow = (text: string, buildSec = 0) =>
  appFiles({
    text,
    buildSec,
    server: `import { createServer } from 'node:http';
createServer((_, response) => response.end('${text}')).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 13_000));
`,
    build: manifest({ web: { ...web, serviceConfig: { TimeoutStopSec: '30s' } } }),
  });

test('an app may take as long to stop as its manifest says, and what is pushed while its branch is deleted is live', async () => {
  await bough.push('slow', slow('slow'));
  await bough.untilServes('slow', 'slow');
  await bough.untilIdle();

  const deleting = run(['delete', 'demo', 'slow']);
  await until('it is being stopped', async () => (await stateOf('slow', 1, 'web')) === 'deactivating');
  await bough.push('slow', appFiles({ text: 'quick', buildSec: 15 }));

  const deleted = await deleting;
  assert.equal(deleted.code, 0, deleted.stderr);
  await bough.untilServes('slow', 'quick from release 2', 60_000);
});

test('what was being built when its branch was deleted is cancelled, and what was pushed after that is live', async () => {
  await bough.push('both', slow('slow'));
  await bough.untilServes('both', 'slow');
  await bough.untilIdle();
  const inHand = await bough.push('both', slow('in hand', 60));
  await until('it is being built', async () => (await buildRuns()).some(({ text }) => text === 'in hand'), 30_000);

  const deleting = run(['delete', 'demo', 'both']);
  await until('it is being stopped', async () => (await stateOf('both', 1, 'web')) === 'deactivating');
  await bough.push('both', appFiles({ text: 'meant' }));

  const deleted = await deleting;
  assert.equal(deleted.code, 0, deleted.stderr);
  await bough.untilServes('both', 'meant', 60_000);
  await bough.untilIdle();
  assert.match((await get('/both/')).body, /^meant/, 'and it stays so');
  const jobs = (await bough.builds.getCompleted()).filter(({ returnvalue }) => returnvalue?.commit === inHand);
  assert.deepEqual(
    jobs.map(({ returnvalue }) => returnvalue.outcome),
    ['cancelled'],
  );
});

test('a scheduled service that fails soon after the switch does not roll its release back', async () => {
  await bough.push('cron', appFiles({ text: 'one' }));
  await bough.untilServes('cron', 'one');
  const tidy = { exec: ['@out@/bin/tidy'], listen: 'none', schedule: '*-*-* *:*:0/5' };
  const failing = `printf '#!/bin/sh\\nexit 1\\n' > "$out/bin/tidy" && chmod +x "$out/bin/tidy"`;
  await bough.push(
    'cron',
    appFiles({ text: 'two', build: `mkdir -p "$out/bin"\n${failing}\n${manifest({ web, tidy })}` }),
  );
  await bough.untilServes('cron', 'two');
  await bough.untilIdle();

  await until('it has failed', async () => (await stateOf('cron', 2, 'tidy')) === 'failed');
  await bough.sweep();
  await bough.untilIdle();

  assert.match((await get('/cron/')).body, /^two/);
  const file = bough.layout.releaseFile(idOf('cron'), 2);
  assert.equal(Release.parse(JSON.parse(await readFile(file, 'utf8'))).verdict.state, 'verified');
});

test('an app that may sleep sooner than a release settles is verified all the same', async () => {
  await bough.push('drowsy', appFiles({ text: 'drowsy', build: manifest({ web: { ...web, sleepAfter: '1s' } }) }));

  await bough.untilServes('drowsy', 'drowsy');
  await bough.untilIdle();

  assert.equal((await record(bough, 'drowsy')).desired, 1);
  await until('it sleeps', async () => (await stateOf('drowsy', 1, 'web')) === 'inactive');
  assert.match((await get('/drowsy/')).body, /^drowsy/, 'a visit wakes it');
});

async function stateOf(slug: string, seq: number, service: string): Promise<string> {
  return await systemctl(
    'show',
    '--value',
    '--property=ActiveState',
    `bough-demo--${slug}--r${seq}-${service}.service`,
  ).then((state) => state.trim());
}
