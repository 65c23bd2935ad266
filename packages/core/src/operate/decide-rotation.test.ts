import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRelease } from '../../../../test/support/model.ts';
import { settle } from '../reconcile/settle.ts';
import { newDeployment } from '../state/deployment.ts';
import { unitName } from '../unit-name.ts';
import { decideRotation, renewedRelease, type RotationFacts, withRenewed } from './decide-rotation.ts';

const id = { project: 'demo', slug: 'main' };
const decision = { by: 'ada', at: '2026-01-01T00:00:00.000Z', why: 'it leaked' };
const main = { ...newDeployment(id, 'main'), desired: 4, lastSeq: 4 };
const process = unitName({ ...id, seq: 4, service: 'web', role: 'process' });
const jobs = unitName({ ...id, seq: 4, service: 'jobs', role: 'process' });
const stays = '[Service]\nType=exec\n';
const sleeps = '[Unit]\nStopWhenUnneeded=yes\n';
const facts = (changes: Partial<RotationFacts> = {}): RotationFacts => ({
  deployment: main,
  release: aRelease(4, 'verified', { units: { [process]: stays } }),
  units: new Map([[process, { active: 'active' }]]),
  credentials: ['token', 'key'],
  credential: 'token',
  ...changes,
});

test('what runs and gets the credential is restarted, and so is what ought to run', () => {
  assert.equal(decideRotation(facts()), 'restarted');
  assert.equal(decideRotation(facts({ credential: null })), 'restarted');
  assert.equal(decideRotation(facts({ units: new Map() })), 'restarted');
  assert.equal(decideRotation(facts({ units: new Map([[process, { active: 'failed' }]]) })), 'restarted');
});

test('a branch that does not get the credential is left alone', () => {
  assert.equal(decideRotation(facts({ credential: 'other' })), 'unused');
  assert.equal(decideRotation(facts({ credential: null, credentials: [] })), 'unused');
});

test('what does not run reads the new content when it starts', () => {
  const release = aRelease(4, 'verified', { units: { [process]: sleeps } });
  const asleep = new Map([[process, { active: 'inactive' }]]);

  assert.equal(decideRotation(facts({ release, units: asleep })), 'asleep');
  assert.equal(decideRotation(facts({ deployment: { ...main, suspended: decision } })), 'suspended');
  assert.equal(decideRotation(facts({ release: null })), 'not live');
  assert.equal(decideRotation(facts({ deployment: { ...main, present: false } })), 'not live');
  const ruling = { at: decision.at, why: 'the limits' };
  assert.equal(decideRotation(facts({ deployment: { ...main, expired: ruling }, units: asleep })), 'not live');
  assert.equal(decideRotation(facts({ deployment: { ...main, asleep: ruling }, units: asleep })), 'asleep');
  assert.equal(decideRotation(facts({ deployment: { ...main, asleep: ruling } })), 'restarted', 'a visit woke it');
});

test('one process that runs or wakes or failed is enough for a restart', () => {
  const release = aRelease(4, 'verified', { units: { [process]: sleeps, [jobs]: stays } });
  const oneSleeps = aRelease(4, 'verified', { units: { [process]: sleeps } });

  assert.equal(decideRotation(facts({ release, units: new Map([[process, { active: 'inactive' }]]) })), 'restarted');
  for (const active of ['active', 'activating', 'deactivating', 'failed'])
    assert.equal(decideRotation(facts({ release: oneSleeps, units: new Map([[process, { active }]]) })), 'restarted');
});

test('a renewed release is the same output, to be rendered and verified anew, and says why', () => {
  const old = aRelease(4, 'verified', { units: { [process]: stays }, prepared: true, switchedAt: decision.at });

  const renewed = renewedRelease(old, { seq: 5, ports: { web: 20_005 }, credential: 'token', decision });

  assert.equal(renewed.outPath, old.outPath);
  assert.equal(renewed.units, undefined);
  assert.deepEqual([renewed.prepared, renewed.switchedAt, renewed.verdict], [false, null, { state: 'pending' }]);
  assert.deepEqual(renewed.rotation, { ...decision, of: 4, credential: 'token' });
});

test('a renewed release stands for the head when the old one did, and a pin stays', () => {
  const commit = 'c'.repeat(40);
  const head = { outcome: 'released' as const, commit, release: 4, at: decision.at };
  const renewed = renewedRelease(aRelease(4, 'verified'), { seq: 6, ports: {}, credential: null, decision });

  assert.deepEqual(withRenewed({ ...main, head, pinned: decision, lastSeq: 5 }, renewed), {
    ...main,
    head: { ...head, release: 6 },
    pinned: decision,
    desired: 6,
    lastSeq: 6,
  });
  assert.deepEqual(withRenewed({ ...main, head: { ...head, release: 5 } }, renewed).head, { ...head, release: 5 });
});

test('renewed releases take no place of those that can be rolled back to', () => {
  const rotation = (of: number) => ({ rotation: { ...decision, of, credential: null } });
  const releases = [
    aRelease(1, 'verified'),
    aRelease(2, 'verified'),
    aRelease(3, 'verified'),
    aRelease(4, 'verified', rotation(3)),
    aRelease(5, 'verified', rotation(4)),
  ];

  const { drop, target } = settle({ ...main, desired: 5, lastSeq: 5 }, releases, 3);

  assert.equal(target?.seq, 5);
  assert.deepEqual(drop, [3], 'kept are 5, what it renewed, and two older outputs');
});
