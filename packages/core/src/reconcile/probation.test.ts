import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRelease, aUnit } from '../../../../test/support/model.ts';
import { Manifest } from '../state/manifest.ts';
import { failsProbation, onProbation } from './probation.ts';

const switched = '2026-01-01T00:00:00.000Z';
const after = (seconds: number) => new Date(Date.parse(switched) + seconds * 1000);
const release = aRelease(2, 'verified', { switchedAt: switched });
const web = 'bough-demo--main--r2-web.service';

test('a release is on probation from its switch on, for as long as is set', () => {
  assert.equal(onProbation(release, 600, after(0)), 0);
  assert.equal(onProbation(release, 600, after(600)), 600);
  assert.equal(onProbation(release, 600, after(601)), null);
});

test('a release that was switched to while the clock was ahead is not on probation once that is put right', () => {
  assert.equal(onProbation(release, 600, after(-1)), 0, 'clocks are set by a little all the time');
  assert.equal(onProbation(release, 600, after(-30 * 86_400)), null);
});

test('a release that was never switched to, or is no more verified, is not on probation', () => {
  assert.equal(onProbation({ ...release, switchedAt: null }, 600, after(1)), null);
  assert.equal(onProbation({ ...release, verdict: { state: 'pending' } }, 600, after(1)), null);
});

test('a process that gave up, or restarted three times, is a crash loop', () => {
  const failed = aUnit(web, { active: 'failed', result: 'exit-code' });

  assert.deepEqual(failsProbation(release, 120, [failed]), {
    unit: web,
    what: 'has failed (exit-code) 120 s after the switch',
  });
  assert.deepEqual(failsProbation(release, 120, [aUnit(web, { restarts: 3 })]), {
    unit: web,
    what: 'has restarted 3 times within 120 s of the switch',
  });
  assert.equal(failsProbation(release, 120, [aUnit(web, { restarts: 2 })]), null);
});

for (const [what, changes] of [
  ['a credential that cannot be read', { exitKind: 1, exitStatus: 243 }],
  ['systemd not setting its process up', { exitKind: 1, exitStatus: 226 }],
  ['a mask', { load: 'masked' }],
] as const) {
  test(`${what} is no crash loop of the release`, () => {
    const failed = aUnit(web, { active: 'failed', sub: 'failed', result: 'start-limit-hit', restarts: 5 });

    assert.notEqual(failsProbation(release, 120, [{ ...failed, exitKind: 1, exitStatus: 3 }]), null);
    assert.equal(failsProbation(release, 120, [{ ...failed, ...changes }]), null);
  });
}

test('what becomes of another release, of a proxy or of a timer says nothing of the process', () => {
  const failed = { active: 'failed', result: 'exit-code' } as const;

  for (const name of [
    web.replace('r2', 'r1'),
    web.replace('.service', '--proxy.service'),
    web.replace('.service', '.timer'),
  ])
    assert.equal(failsProbation(release, 120, [aUnit(name, failed)]), null);
});

test('what runs at times may fail until the next time', () => {
  const exec = ['/nix/store/x-app/bin/app'];
  const manifest = Manifest.parse({
    schema: 1,
    services: { web: { exec }, nightly: { exec, listen: 'none', schedule: 'daily' } },
  });
  const scheduled = { ...release, manifest };
  const failed = aUnit('bough-demo--main--r2-nightly.service', { active: 'failed', result: 'exit-code' });

  assert.equal(failsProbation(scheduled, 120, [failed]), null);
  assert.notEqual(failsProbation(scheduled, 120, [{ ...failed, name: web }]), null);
});
