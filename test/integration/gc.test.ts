import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Config } from '@bough/core/config/config.ts';
import { describeGcStep } from '@bough/core/gc/plan-gc.ts';
import { gcJobOptions } from '@bough/core/queue/job-options.ts';
import type { GcOutcome } from '@bough/core/queue/jobs.ts';
import { previewGc } from '@bough/host/gc/preview-gc.ts';
import { openHost } from '@bough/host/open-host.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { pino } from 'pino';
import { appFiles } from '../support/app-files.ts';
import { type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
const id = { project: 'demo', slug: 'main' };
/** The collector never finds enough free, and therefore takes all garbage; nothing is too little for a build. */
const gc = { lowFreeGiB: 0, highFreeGiB: 1_000_000 };
const ballastBytes = 3_000_000;

let bough: Installation;
before(async () => {
  bough = await install({ gc });
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

test('a collection among queued builds takes what nothing needs and nothing else, and tells the bytes', async (t) => {
  const outPaths: string[] = [];
  for (const number of [1, 2, 3, 4, 5]) {
    await bough.push('main', app(`main ${number}`));
    await bough.untilServes('main', `main ${number} from release ${number}`);
    outPaths.push(await rootOf(number));
  }
  await bough.untilIdle();
  await bough.push('before', app('before', 2));
  await until('it is being built', async () => (await bough.builds.getActiveCount()) > 0);

  await collect();
  await bough.push('after', app('after', 1));
  await bough.push('main', app('main 6', 1));

  await bough.untilServes('before', 'before from release 1');
  await bough.untilServes('after', 'after from release 1');
  await bough.untilServes('main', 'main 6 from release 6');
  await bough.untilIdle();
  const { outcome, log } = await lastCollection();
  t.diagnostic(`${outcome.storePaths} paths, ${outcome.storeBytes} bytes freed: ${log.at(-1)}`);
  assert.ok(outcome.storeBytes >= 2 * ballastBytes, JSON.stringify(outcome)); // releases 1 and 2
  assert.match(log.join('\n'), /freed, .* are free now/);
  assert.match(log.join('\n'), /git has looked after the mirror of demo/);
  assert.deepEqual(outcome.problems, []);
  const [first = '', second = '', ...kept] = outPaths;
  assert.ok(!existsSync(first) && !existsSync(second), 'what is beyond retention is still in the store');
  for (const path of kept) await exec('nix-store', ['--verify-path', path]);
  assert.ok(!overlaps(await bough.builds.getCompleted()), 'something was built meanwhile');
});

test('a release that is kept for rolling back starts again from the store after a collection', async () => {
  const store = createDeploymentStore(bough.layout);
  const deployment = await store.read(id);
  assert.ok(deployment);
  const pinned = { by: 'test', at: new Date().toISOString(), why: 'rolled back' };

  await store.write({ ...deployment, desired: 4, pinned });
  await bough.reconciles.add('reconcile', { ...id, asked: { by: 'person' } });

  await bough.untilServes('main', 'main 4 from release 4');
  await store.write({ ...deployment, desired: 6, pinned: null });
  await bough.reconciles.add('reconcile', { ...id, asked: { by: 'person' } });
  await bough.untilServes('main', 'main 6 from release 6');
  await bough.untilIdle();
});

test('a dry run tells what would go and why, and changes nothing; then it goes', async (t) => {
  await bough.push('short-lived', app('short-lived'));
  await bough.untilServes('short-lived', 'short-lived');
  await bough.remove('short-lived');
  await until('it is gone', () => !existsSync(`${bough.layout.deployments}/demo/short-lived`), 20_000);
  await bough.untilIdle();
  const store = createDeploymentStore(bough.layout);
  const [first] = await store.readReleases(id);
  assert.ok(first);
  await store.writeRelease({ ...first, seq: 2 }); // as if a reconcile had died half-way
  await symlink(first.outPath, bough.layout.releaseRoot(id, 2));
  await symlink(first.outPath, bough.layout.releaseRoot(id, 99));
  const lost = await rootOf(first.seq);
  await rm(bough.layout.releaseRoot(id, first.seq));
  const oldLog = `${bough.layout.buildLogs(id)}/${'a'.repeat(40)}.log`;
  await writeFile(oldLog, 'of long ago\n');
  await utimes(oldLog, 0, 0);

  const preview = await look();

  t.diagnostic(`${preview.dead.paths} paths with ${preview.dead.bytes} bytes are garbage`);
  assert.ok(preview.dead.bytes >= ballastBytes, JSON.stringify(preview.dead));
  assert.deepEqual(preview.steps.map(describeGcStep).slice(0, -1).map(withoutSizes), [
    `hold release ${first.seq} of demo--main in the store (it is kept and has no GC root)`,
    'remove release 2 of demo--main (enough newer releases are kept)',
    'remove the GC root 99 of demo--main (no release has it)',
    'remove the log of aaaaaaaaaaaa of demo--main (it is old, and its release is gone)',
  ]);
  assert.match(preview.steps.map(describeGcStep).at(-1) ?? '', /^collect up to .* of garbage of the store/);
  assert.ok(existsSync(oldLog) && existsSync(bough.layout.releaseFile(id, 2)), 'looking has removed something');

  await collect();
  await bough.untilIdle();

  const { outcome } = await lastCollection();
  assert.deepEqual(outcome.removed.map(withoutSizes), preview.steps.map(describeGcStep).slice(1, -1).map(withoutSizes));
  assert.deepEqual(outcome.problems, []);
  assert.equal(await rootOf(first.seq), lost);
  await exec('nix-store', ['--verify-path', lost]);
  assert.ok(!existsSync(oldLog) && !existsSync(bough.layout.releaseFile(id, 2)));
  assert.equal((await look()).dead.bytes, 0);
});

test('the collector is scheduled once a day, and not for now', async () => {
  const scheduler = await bough.builds.getJobScheduler('gc');

  assert.equal(scheduler?.every, 86_400_000);
  assert.ok((scheduler.next ?? 0) > Date.now() + 80_000_000, String(scheduler.next));
});

/** An app whose output is a few megabytes that no other has. */
function app(text: string, buildSec = 0): Record<string, string> {
  return appFiles({
    text,
    buildSec,
    build: `mkdir -p "$out"; head -c ${ballastBytes} /dev/urandom > "$out/ballast"`,
  });
}

async function rootOf(seq: number): Promise<string> {
  return await readlink(bough.layout.releaseRoot(id, seq));
}

async function collect(): Promise<unknown> {
  return await bough.builds.add('gc', { asked: { by: 'person' } }, gcJobOptions(true));
}

async function lastCollection(): Promise<{ outcome: GcOutcome; log: string[] }> {
  const jobs = (await bough.builds.getCompleted()).filter(({ name }) => name === 'gc');
  const job = jobs.toSorted((a, b) => (b.finishedOn ?? 0) - (a.finishedOn ?? 0))[0];
  assert.ok(job, 'nothing was collected');
  const { logs } = await bough.builds.getJobLogs(job.id ?? '');
  return { outcome: job.returnvalue, log: logs.join('\n').split('\n') };
}

async function look() {
  const config = Config.parse({
    stateDir: bough.layout.stateDir,
    runtimeDir: bough.layout.runtimeDir,
    unitDir: bough.layout.unitDir,
    board: { passwordFile: '/etc/bough/board-password' },
    gc,
    projects: { demo: { remote: '/r', webhookSecretFiles: ['/s'], url: 'http://localhost' } },
  });
  const log = pino({ level: 'silent' });
  const run = createRunCommand({ log });
  const host = await openHost({ config, run, log });
  return await previewGc({ ...host, settings: config, run }, { all: false, signal: AbortSignal.timeout(60_000) });
}

function withoutSizes(sentence: string): string {
  return sentence.replace(/, [\d.]+ [KMGT]?i?B/, '');
}

function overlaps(jobs: readonly { processedOn?: number; finishedOn?: number }[]): boolean {
  const spans = jobs.map(({ processedOn = 0, finishedOn = 0 }) => [processedOn, finishedOn] as const);
  const inOrder = spans.toSorted(([a], [b]) => a - b);
  return inOrder.some(([from], index) => index > 0 && from < (inOrder[index - 1]?.[1] ?? 0));
}
