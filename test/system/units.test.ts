import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Release } from '@bough/core/state/release.ts';
import { unitName } from '@bough/core/unit-name.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { manifestFlake } from '../support/manifest-app.ts';
import { until } from '../support/until.ts';

const id = { project: 'demo', slug: 'main' };
const exec = promisify(execFile);
let bough: Installation;
before(async () => {
  bough = await install({ receiver: { host: '0.0.0.0' } }); // then it lists the host's addresses once it listens
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

/** A web server, a background worker and a nightly task; `more` goes into what the worker declares. */
const shop = (round: string, more = '', schedule = 'daily') =>
  manifestFlake(
    `services = let
      app = derivation {
        name = "shop"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; src = ./src;
        args = [ "-euc" "cp -r $src $out; chmod -R u+w $out; chmod 755 $out/run" ];
      };
      run = script: [ "\${app}/run" script ];
    in {
      web = { exec = run "web"; preStart = run "setup"; };
      jobs = { exec = run "jobs"; listen = "none"; ${more} };
      nightly = { exec = run "setup"; listen = "none"; schedule = "${schedule}"; };
    };`,
    {
      'src/run': `#!/bin/sh\nexec ${process.execPath} "\${0%/run}/$1.mjs"\n`,
      'src/web.mjs': `import { createServer } from 'node:http';
createServer((request, response) => response.end('${round}')).listen(Number(process.env.PORT), '127.0.0.1');
`,
      'src/setup.mjs': '',
      'src/jobs.mjs': 'setInterval(() => {}, 1000);',
    },
  );

const unit = (seq: number, service: string, role: 'process' | 'proxy' | 'setup' | 'timer' | 'socket' = 'process') =>
  unitName({ ...id, seq, service, role });

/** What `systemd-analyze security` gives a loaded unit: 0 is best, 10 worst. */
async function exposure(name: string): Promise<number> {
  const { stdout } = await exec('systemd-analyze', ['security', '--no-pager', name]);
  const score = /Overall exposure level for \S+: (\d+\.\d)/.exec(stdout)?.[1];
  assert.ok(score, stdout);
  return Number(score);
}

test('a receiver that listens on every address of the host answers on them', async () => {
  const answer = await until(
    'it listens',
    async () => await fetch('http://127.0.0.2:9010/healthz').catch(() => undefined),
  );

  assert.equal(answer.status, 200);
});

test('everything that runs for a branch is exposed by 1.5 of 10 at most', async (t) => {
  await bough.push('main', shop('first'));
  await bough.untilServes('main', 'first');
  await bough.untilIdle();

  for (const name of [
    unit(1, 'web'),
    unit(1, 'web', 'proxy'),
    unit(1, 'web', 'setup'),
    unit(1, 'jobs'),
    unit(1, 'nightly'),
  ]) {
    const score = await exposure(name);
    t.diagnostic(`${name}: ${score}`);
    assert.ok(score <= 1.5, `${name} is exposed by ${score}`);
  }
});

test('a manifest systemd cannot read fails its release before any unit is linked, and the release before serves', async () => {
  await bough.push('main', shop('second', 'serviceConfig.MemoryMax = "lots";', 'Frobday'));
  await bough.untilIdle();

  const { verdict } = Release.parse(JSON.parse(await readFile(bough.layout.releaseFile(id, 2), 'utf8')));
  assert.equal(verdict.state, 'failed');
  assert.equal(verdict.state === 'failed' && verdict.code, 'APP_UNITS');
  assert.match(
    verdict.state === 'failed' ? verdict.message : '',
    /^release 2 of demo main is not fit to serve: systemd refuses its units: bough-demo--main--r2-\w+\.\w+:\d+: /,
  );
  const [failed] = await bough.reconciles.getFailed();
  const { logs } = await bough.reconciles.getJobLogs(failed?.id ?? '');
  assert.match(logs.join('\n'), /bough-demo--main--r2-jobs\.service:\d+: Invalid memory limit 'lots'/);
  assert.match(logs.join('\n'), /bough-demo--main--r2-nightly\.timer:\d+: Failed to parse calendar specification/);
  for (const name of [unit(2, 'web'), unit(2, 'jobs'), unit(2, 'nightly', 'timer')])
    assert.ok(!existsSync(bough.layout.unitLink(name)), `${name} is linked`);
  assert.equal((await get('/main/')).body, 'first');
});

test('a release whose units are mended is live again', async () => {
  await bough.push('main', shop('third', 'serviceConfig.MemoryMax = "300M";'));

  await bough.untilServes('main', 'third');
});
