// One Debian is enough: when it is a crash loop is Bough's to judge; that an app which ends is seen to have ended is in `reconcile.test.ts`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { nextFailure } from '../support/next-failure.ts';

let bough: Installation;
before(async () => {
  bough = await install(); // its sweeps are an hour apart
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

/** Serves for three seconds, once, and never comes up again. */
const crashes = `import { createServer } from 'node:http';
import { existsSync, writeFileSync } from 'node:fs';
const mark = process.env.STATE_DIRECTORY + '/born';
if (existsSync(mark)) throw new Error('out of luck');
writeFileSync(mark, '');
createServer((_, response) => response.end('crashing')).listen(Number(process.env.PORT), '127.0.0.1');
setTimeout(() => process.exit(7), 3_000);
`;

test('a release that crash-loops soon after its switch is rolled back without a sweep', async (t) => {
  await bough.push('main', appFiles({ text: 'sound' }));
  await bough.untilServes('main', 'sound from release 1');
  let switchedAt = 0;

  const job = await nextFailure(bough.reconciles, async () => {
    await bough.push('main', appFiles({ text: 'crashing', server: crashes }));
    await bough.untilServes('main', 'crashing');
    switchedAt = performance.now();
  });

  t.diagnostic(`rolled back ${Math.round((performance.now() - switchedAt) / 1000)} s after the switch`);
  assert.match(job.failedReason, /^APP_CRASHED: release 2 of demo main is rolled back to release 1: /);
  assert.match(job.failedReason, /out of luck/);
  assert.match((await get('/main/')).body, /sound from release 1/);
});
