// One Debian is enough: what is declared becomes units in Bough alone; that systemd takes such units is in `units.test.ts`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Release } from '@bough/core/state/release.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { manifestFlake } from '../support/manifest-app.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install();
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

/** A web server and a background worker that share their state. */
const shop = (round: string) =>
  manifestFlake(
    `services = let
      app = derivation {
        name = "shop"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; src = ./src;
        args = [ "-euc" "cp -r $src $out; chmod -R u+w $out; chmod 755 $out/run" ];
      };
      run = script: [ "\${app}/run" script ];
    in {
      web = { exec = run "web"; environment.GREETING = "hello \\"50%\\" $HOME"; health.path = "/health"; };
      jobs = { exec = run "jobs"; listen = "none"; serviceConfig = { Nice = 5; TasksMax = 64; }; };
    };`,
    {
      'src/run': `#!/bin/sh\nexec ${process.execPath} "\${0%/run}/$1.mjs"\n`,
      'src/web.mjs': `import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
const jobs = () => { try { return readFileSync(process.env.STATE_DIRECTORY + '/jobs', 'utf8'); } catch { return 'nothing yet'; } };
createServer((request, response) => {
  response.statusCode = request.url === '/health' || request.url === '/' ? 200 : 404;
  response.end('${round}: ' + process.env.GREETING + ', jobs say ' + jobs());
}).listen(Number(process.env.PORT), '127.0.0.1');
`,
      'src/jobs.mjs': `import { writeFileSync } from 'node:fs';
writeFileSync(process.env.STATE_DIRECTORY + '/jobs', '${round} in release ' + process.env.BOUGH_RELEASE + (process.env.PORT ?? ' without port'));
setInterval(() => {}, 1000);
`,
    },
  );

const show = async (unit: string, ...properties: string[]) =>
  (await systemctl('show', '--value', ...properties.map((property) => `--property=${property}`), unit)).trim();

test('a branch that declares several services has all of them running, and the one named web serving', async () => {
  await bough.push('main', shop('first'));

  await bough.untilServes('main', 'first: hello "50%" $HOME, jobs say first in release 1 without port');

  assert.equal(await show('bough-demo--main--r1-jobs.service', 'ActiveState'), 'active');
  assert.equal(await show('bough-demo--main--r1-web.service', 'ActiveState'), 'active');
});

test('what the manifest limits is limited, and nothing listens for a background service', async () => {
  assert.equal(await show('bough-demo--main--r1-jobs.service', 'Nice'), '5');
  assert.equal(await show('bough-demo--main--r1-jobs.service', 'TasksMax'), '64');
  const units = await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-demo--main--r1-*');
  assert.doesNotMatch(units, /r1-jobs\.socket/);
  assert.match(units, /r1-web\.socket/);
});

test('a new release brings its own background service, and that of the release before ends', async () => {
  await bough.push('main', shop('second'));

  await bough.untilServes('main', 'second: hello "50%" $HOME, jobs say second in release 2');

  assert.equal(await show('bough-demo--main--r2-jobs.service', 'ActiveState'), 'active');
  await until(
    'the old background service has ended',
    async () => (await show('bough-demo--main--r1-jobs.service', 'ActiveState')) !== 'active',
    20_000,
  );
});

test('a background service that cannot start fails its release, and the release before goes on', async () => {
  const files = shop('third');

  await bough.push('main', { ...files, 'src/jobs.mjs': 'process.exit(3)' });
  await bough.untilIdle();

  const record = bough.layout.releaseFile({ project: 'demo', slug: 'main' }, 3);
  const release = Release.parse(JSON.parse(await readFile(record, 'utf8')));
  assert.equal(release.verdict.state, 'failed');
  assert.match(release.verdict.state === 'failed' ? release.verdict.message : '', /jobs/);
  assert.match((await get('/main/')).body, /^second/);
  assert.equal(await show('bough-demo--main--r2-jobs.service', 'ActiveState'), 'active');
});
