import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Config } from '@bough/core/config/config.ts';
import { jobLimitSec } from '@bough/core/progress/job-limit.ts';
import { Progress } from '@bough/core/progress/progress.ts';
import { appFiles, buildRuns, overlap } from '../support/app-files.ts';
import { blockLoop } from '../support/block-loop.ts';
import { bough as command } from '../support/command-line.ts';
import { type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
const [worker, receiver] = ['bough-worker.service', 'bough-receiver.service'];
const dropIns = [worker, receiver].map((unit) => `/run/systemd/system/${unit}.d`);

let bough: Installation;
before(async () => {
  bough = await install();
  for (const folder of dropIns) {
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/test.conf`, '[Service]\nWatchdogSec=5\n'); // a minute is too long for a test
  }
  await systemctl('daemon-reload');
  await systemctl('restart', worker, receiver);
  await untilReady();
});
after(async () => {
  for (const folder of dropIns) await rm(folder, { recursive: true, force: true });
  await systemctl('daemon-reload');
  await bough[Symbol.asyncDispose]();
});

const property = async (name: string, unit = worker) =>
  (await systemctl('show', '--value', `--property=${name}`, unit)).trim();
const untilReady = async () =>
  await until('it is ready', async () => (await fetch('http://127.0.0.1:9010/readyz').catch(() => null))?.ok);
const runsOf = async (text: string) => (await buildRuns()).filter((run) => run.text === text);

test('a build that takes longer than the watchdog waits is left alone, and shows in the status of the unit', async () => {
  await bough.push('slow', appFiles({ text: 'slow', buildSec: 7 }));

  await until('the status names it', async () => (await property('StatusText')).startsWith('build demo slow for '));
  const { actions } = Progress.parse(JSON.parse((await command(['metrics', '--json'])).stdout));
  const config = Config.parse(JSON.parse(await readFile('/etc/bough/bough.json', 'utf8')));
  const job = actions.find(({ what }) => what === 'build demo slow');
  assert.partialDeepStrictEqual(job, { isJob: true, deadlineSec: jobLimitSec(config, 'build') });
  await bough.untilServes('slow', 'slow from release 1');

  assert.equal(await property('NRestarts'), '0');
  assert.equal((await runsOf('slow')).length, 1);
});

test('the gauges tell of a build that waits and of the sweep, and of a worker that is not there', async () => {
  const metrics = async () => (await command(['metrics'])).stdout;
  const gaugeIn = (text: string, name: string) =>
    Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const gauge = async (name: string) => gaugeIn(await metrics(), name);
  await bough.push('gauged', appFiles({ text: 'gauged', buildSec: 3 }));
  await until('it is being built', async () => (await runsOf('gauged')).length === 1, 20_000);

  const meanwhile = await until('it has been pending for a while', async () => {
    const text = await metrics();
    return gaugeIn(text, 'bough_oldest_pending_seconds') > 1 && text;
  });
  assert.ok(gaugeIn(meanwhile, 'bough_oldest_pending_seconds') < 30, meanwhile);
  assert.ok(gaugeIn(meanwhile, 'bough_jobs_running') >= 1, meanwhile);
  const atIt = gaugeIn(meanwhile, 'bough_action_seconds');
  assert.ok(atIt > 0 && atIt < 30, meanwhile);
  await bough.untilIdle();
  assert.equal(await gauge('bough_oldest_pending_seconds'), 0);
  await bough.sweep();
  await until('a sweep was complete', async () => (await gauge('bough_last_sweep_seconds')) < 30);

  await systemctl('stop', worker);
  assert.equal(await gauge('bough_worker_up'), 0);
  await systemctl('start', worker);
});

test('a worker whose event loop is blocked is started again, and builds what it was building, never twice at once', async () => {
  await bough.push('blocked', appFiles({ text: 'blocked', buildSec: 4 }));
  await until('it is being built', async () => (await runsOf('blocked')).length === 1, 20_000);
  const blocked = await property('MainPID');

  await blockLoop(Number(blocked));

  await until('systemd has started it again', async () => (await property('NRestarts')) === '1', 20_000);
  assert.notEqual(await property('MainPID'), blocked);
  await bough.untilServes('blocked', 'blocked from release 1');
  await bough.untilIdle();
  assert.equal(overlap(await buildRuns()), 0n);
});

test('a receiver that hangs is started again and takes deliveries; one that has nothing to do is left alone', async () => {
  const hung = await property('MainPID', receiver);
  const started = Number(await property('ExecMainStartTimestampMonotonic', receiver)) / 1e6;
  const nowSec = () => Number(process.hrtime.bigint()) / 1e9; // of the same clock
  await until('it has been up for longer than the watchdog waits, twice', () => nowSec() - started > 12);
  assert.equal(await property('NRestarts', receiver), '0');
  assert.match(await property('StatusText', receiver), /^listens on 127\.0\.0\.1, port \d+$/);

  process.kill(Number(hung), 'SIGSTOP');

  await until('systemd has started it again', async () => (await property('NRestarts', receiver)) === '1', 20_000);
  assert.notEqual(await property('MainPID', receiver), hung);
  await untilReady();
  await bough.push('told', appFiles({ text: 'told after the hang' }));
  await bough.untilServes('told', 'told after the hang');
});

for (const [scope, words] of [
  ['the system', []],
  ['a user', ['--user', '--machine=dev@']],
] as const) {
  test(`in the scope of ${scope}, what is beyond its deadline is no progress, and what is within it is`, async (t) => {
    const start = async (unit: string, deadlineSec: number) =>
      await exec('systemd-run', [
        ...words,
        '--quiet',
        `--unit=${unit}`,
        ...['Type=exec', 'WatchdogSec=5', 'WatchdogSignal=SIGKILL', 'NotifyAccess=all'].map(
          (each) => `--property=${each}`,
        ),
        process.execPath,
        fileURLToPath(import.meta.resolve('../support/watchdog/main.ts')),
        String(deadlineSec),
      ]);
    const show = async (unit: string, name: string) =>
      (await exec('systemctl', [...words, 'show', '--value', `--property=${name}`, unit])).stdout.trim();
    t.after(async () => {
      await exec('systemctl', [...words, 'stop', 'watched-well']).catch(() => undefined);
      await exec('systemctl', [...words, 'reset-failed', 'watched-ill']).catch(() => undefined);
    });

    await start('watched-well', 3600);
    await start('watched-ill', 1);

    await until(
      'the one that is stuck was ended',
      async () => (await show('watched-ill', 'Result')) === 'watchdog',
      30_000,
    );
    assert.equal(await show('watched-well', 'ActiveState'), 'active');
    assert.equal(await show('watched-well', 'StatusText'), 'at it\ufffdstill');
  });
}
