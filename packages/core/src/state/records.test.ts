import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as z from 'zod';
import { Deployment, newDeployment } from './deployment.ts';
import { Manifest } from './manifest.ts';
import { ProjectRecord } from './project-record.ts';
import { Release } from './release.ts';

const at = '2026-01-01T00:00:00.000Z';
const commit = 'c'.repeat(40);
const decision = { by: 'ada', at, why: 'a test' };
const ruling = { at, why: 'a test' };
const id = { project: 'demo', slug: 'main' };
const manifest = Manifest.parse({
  schema: 1,
  services: { web: { exec: ['/nix/store/x/bin/app'], serviceConfig: { Nice: 5 }, environment: { A: 'b' } } },
});

const deployment: Deployment = {
  ...newDeployment(id, 'main'),
  pinned: decision,
  suspended: decision,
  resumed: decision,
  asleep: ruling,
  expired: ruling,
};
const heads: NonNullable<Deployment['head']>[] = [
  { outcome: 'released', commit, release: 1, at },
  { outcome: 'unchanged', commit, release: 1, at },
  { outcome: 'skipped', commit, reason: 'paths', at },
  { outcome: 'failed', commit, code: 'BUILD_FAILED', message: 'no', at },
  { outcome: 'cancelled', commit, by: 'ada', why: 'a test', at },
];
const release: Release = {
  schema: 1,
  ...id,
  branch: 'main',
  seq: 1,
  commit,
  drvPath: `/nix/store/${'d'.repeat(32)}-app.drv`,
  outPath: `/nix/store/${'a'.repeat(32)}-app`,
  manifest,
  ports: { web: 20_001 },
  asked: { by: 'sweep' },
  rotation: { ...decision, of: 1, credential: null },
  builtAt: at,
  buildMs: 1,
  units: { 'bough-demo--main--r1-web.service': '' },
  prepared: true,
  switchedAt: at,
  verdict: { state: 'pending' },
};
const verdicts: Release['verdict'][] = [
  { state: 'verified', at },
  { state: 'failed', at, code: 'APP_EXITED', message: 'no' },
];
const askers: Release['asked'][] = [{ by: 'delivery', delivery: '1' }, { by: 'build' }, { by: 'person', name: 'ada' }];

const records: [string, z.ZodType, unknown[]][] = [
  ['deployment', Deployment, [deployment, ...heads.map((head) => ({ ...deployment, head }))]],
  [
    'release',
    Release,
    [
      release,
      ...verdicts.map((verdict) => ({ ...release, verdict })),
      ...askers.map((asked) => ({ ...release, asked })),
    ],
  ],
  ['project', ProjectRecord, [{ schema: 1, project: 'demo', suspended: decision }]],
];
/** Whose keys are names that Bough did not choose: what is in there is no field. */
const named = new Set(['services', 'environment', 'serviceConfig', 'ports', 'units']);

/** The same with a field more in each object. */
function newer(value: unknown, key = ''): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const all = Object.entries(value).map(([name, child]) => [name, newer(child, name)]);
  return Object.fromEntries(named.has(key) ? all : [...all, ['ofANewerBough', { deep: true }]]);
}

for (const [what, schema, values] of records) {
  test(`the record of a ${what} that a newer Bough wrote is read without what it added`, () => {
    for (const value of values) assert.deepEqual(schema.parse(newer(value)), value);
  });
}

test('what a branch writes is not read so: a field nobody knows is an error', () => {
  assert.equal(Manifest.safeParse(newer(manifest)).success, false);
});
