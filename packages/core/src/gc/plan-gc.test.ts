import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Config } from '../config/config.ts';
import { type Deployment, newDeployment } from '../state/deployment.ts';
import { Release, type Verdict } from '../state/release.ts';
import { isLow, readableBytes } from './bytes-to-free.ts';
import { describeGcStep, type GcDeployment, type GcObserved, planGc } from './plan-gc.ts';

const gib = 2 ** 30;
const id = { project: 'demo', slug: 'main' };
const verified: Verdict = { state: 'verified', at: '2026-01-01T00:00:00Z' };
const config = Config.parse({
  board: { passwordFile: '/p' },
  gc: { lowFreeGiB: 2, highFreeGiB: 10, keepLogs: '7d', repositoriesGiB: 1 },
  reconcile: { keepReleases: 2 },
  projects: { demo: { remote: '/r', webhookSecretFiles: ['/s'], url: 'http://localhost' } },
});

test('with enough free and nothing beyond retention there is nothing to do', () => {
  assert.deepEqual(sentences({ deployments: [found([1, 2])] }), []);
});

test('releases beyond retention go, and then the store is collected up to the watermark', () => {
  assert.deepEqual(sentences({ deployments: [found([1, 2, 3, 4])], freeBytes: 3 * gib }), [
    'remove release 1 of demo--main (enough newer releases are kept)',
    'remove release 2 of demo--main (enough newer releases are kept)',
    'collect up to 7.0 GiB of garbage of the store (3.0 GiB are free, and 10.0 GiB should be)',
  ]);
});

test('a kept release gets its GC root back before anything goes, wherever that led', () => {
  const roots = new Map([
    ['1', out(1)],
    ['3', out(2)],
  ]);

  assert.deepEqual(sentences({ deployments: [found([1, 2, 3], { roots })], freeBytes: 0 }), [
    'hold release 2 of demo--main in the store (it is kept and has no GC root)',
    'hold release 3 of demo--main in the store (it is kept and has no GC root)',
    'remove release 1 of demo--main (enough newer releases are kept)',
    'collect up to 10.0 GiB of garbage of the store (0 B are free, and 10.0 GiB should be)',
  ]);
});

test('a release that has a unit still is left, and told', () => {
  const { steps, problems } = planGc(
    observed({ deployments: [found([1, 2, 3], { seqsWithUnits: new Set([1]) })] }),
    config,
  );

  assert.deepEqual(steps, []);
  assert.deepEqual(problems, ['release 1 of demo--main is beyond retention but has units still: it is left']);
});

test('while the desired release is not verified yet, nothing of its deployment goes', () => {
  const pending = found([1, 2, 3], { verdicts: { 3: { state: 'pending' } } });
  assert.deepEqual(sentences({ deployments: [pending] }), []);
});

test('a branch that is gone, and one whose record is lost, are left to the reconcile and the sweep', () => {
  const gone = found([1, 2, 3], { deployment: { ...newDeployment(id, 'main'), present: false } });
  const lost = found([1, 2, 3], { deployment: null });
  assert.deepEqual(sentences({ deployments: [gone, lost] }), []);
});

test('a GC root no release has goes, and so does what a killed Nix left beside it; a record is no root', () => {
  const roots = new Map([
    ['1', out(1)],
    ['2', out(2)],
    ['2-bin', out(2)],
    ['notes', '/elsewhere'],
  ]);

  assert.deepEqual(sentences({ deployments: [found([1], { roots })] }), [
    'remove the GC root 2 of demo--main (no release has it)',
    'remove the GC root 2-bin of demo--main (no release has it)',
  ]);
});

test('old logs go, but those of kept releases stay', () => {
  const day = 86_400;
  const log = (commit: string, ageSec: number) => ({ commit, ageSec, bytes: 2048 });
  const logs = [log('c'.repeat(40), 8 * day), log('d'.repeat(40), 6 * day), log(commitOf(3), 9 * day)];

  assert.deepEqual(sentences({ deployments: [found([2, 3], { logs })] }), [
    'remove the log of cccccccccccc of demo--main, 2.0 KiB (it is old, and its release is gone)',
  ]);
});

test('the copies of repositories that Nix keeps go when they are large', () => {
  assert.deepEqual(sentences({ repositoryBytes: gib }), []);
  assert.deepEqual(sentences({ repositoryBytes: 1.5 * gib }), [
    'remove the copies of repositories that Nix keeps, 1.5 GiB (they take more than 1.0 GiB, and are fetched again from the mirrors)',
  ]);
});

test('all garbage goes when a person says so, whatever is free', () => {
  assert.deepEqual(planGc(observed({}), config, true).steps.map(describeGcStep), [
    'collect all garbage of the store (all garbage is to go)',
  ]);
});

test('less than the low watermark is too little to begin a build', () => {
  assert.ok(isLow(2 * gib - 1, config.gc));
  assert.ok(!isLow(2 * gib, config.gc));
});

test('bytes are told as a person reads them', () => {
  assert.deepEqual([0, 1023, 1024, 1.5 * gib, 150 * gib].map(readableBytes), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 GiB',
    '150 GiB',
  ]);
});

test('a high watermark below the low one is refused', () => {
  assert.throws(() => Config.parse({ ...config, gc: { lowFreeGiB: 3, highFreeGiB: 2 } }), /must not be less/);
});

interface Over extends Partial<GcDeployment> {
  readonly verdicts?: Readonly<Record<number, Verdict>>;
}

/** A deployment whose last release serves. */
function found(seqs: readonly number[], { verdicts = {}, ...over }: Over = {}): GcDeployment {
  const deployment: Deployment = { ...newDeployment(id, 'main'), desired: seqs.at(-1) ?? null, lastSeq: 9 };
  return {
    id,
    deployment,
    releases: seqs.map((seq) => release(seq, verdicts[seq] ?? verified)),
    seqsWithUnits: new Set(),
    roots: new Map(seqs.map((seq) => [String(seq), out(seq)])),
    logs: [],
    ...over,
  };
}

function observed(over: Partial<GcObserved>): GcObserved {
  return { deployments: [], problems: [], repositoryBytes: 0, freeBytes: 100 * gib, ...over };
}

function sentences(over: Partial<GcObserved>): string[] {
  return planGc(observed(over), config).steps.map(describeGcStep);
}

function out(seq: number): string {
  return `/nix/store/${String(seq).repeat(32)}-app`;
}

function commitOf(seq: number): string {
  return String(seq).repeat(40);
}

function release(seq: number, verdict: Verdict): Release {
  return Release.parse({
    schema: 1,
    ...id,
    branch: 'main',
    seq,
    commit: commitOf(seq),
    drvPath: `${out(seq)}.drv`,
    outPath: out(seq),
    manifest: { schema: 1, services: { web: { exec: [`${out(seq)}/bin/app`] } } },
    ports: { web: 20_000 },
    asked: { by: 'sweep' },
    builtAt: '2026-01-01T00:00:00Z',
    buildMs: 1,
    verdict,
  });
}
