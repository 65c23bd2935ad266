import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRelease, aUnit } from '../../../../test/support/model.ts';
import { type Deployment, newDeployment } from '../state/deployment.ts';
import type { UnitState } from '../systemd/unit-state.ts';
import { unitName, type UnitRole } from '../unit-name.ts';
import { type Sighting, summarise } from './summarise.ts';

const id = { project: 'demo', slug: 'main' };
const main: Deployment = { ...newDeployment(id, 'main'), desired: 2, lastSeq: 2 };
const releases = [aRelease(1, 'verified'), aRelease(2, 'verified')];
const decision = { by: 'ada', at: '2026-01-01T00:00:00.000Z', why: 'it is slow' };
const unit = (role: UnitRole, changes: Partial<UnitState> = {}) =>
  aUnit(unitName({ ...id, seq: 2, service: 'web', role }), changes);
const asleep = unit('process', { active: 'inactive', sub: 'dead', mainPid: 0 });
const socket = unit('socket', { mainPid: 0 });
const see = (changes: Partial<Sighting> = {}, units: UnitState[] = [socket, unit('process')]) =>
  summarise({
    deployment: main,
    releases,
    serving: 2,
    servingSince: new Date(decision.at),
    blocks: [],
    units: new Map(units.map((each) => [each.name, each])),
    ...changes,
  });

test('a release whose process runs behind its socket is live', () => {
  const summary = see();

  assert.equal(summary.state, 'live');
  assert.equal(summary.commit, '2'.repeat(40));
  assert.equal(summary.processes, 1);
  assert.equal(summary.since, decision.at);
  assert.deepEqual(summary.notes, []);
});

test('a socket without a process is asleep; neither of them is down', () => {
  assert.equal(see({}, [socket, asleep]).state, 'asleep');
  assert.equal(see({}, [{ ...socket, active: 'inactive' }, asleep]).state, 'down');
  assert.equal(see({}, [socket, { ...asleep, active: 'failed' }]).state, 'down');
  assert.equal(see({}, []).state, 'down');
});

test('what never served is waiting, starting or failed', () => {
  const failed = {
    outcome: 'failed' as const,
    commit: 'c'.repeat(40),
    code: 'BUILD_FAILED',
    message: 'm',
    at: decision.at,
  };

  assert.equal(see({ serving: null, deployment: { ...main, desired: null } }, []).state, 'waiting');
  assert.equal(see({ serving: null, deployment: { ...main, desired: null, head: failed } }, []).state, 'failed');
  assert.equal(see({ serving: null }, []).state, 'starting');
  assert.equal(see({ serving: null, releases: [aRelease(2, 'failed')] }, []).state, 'failed');
});

test('a pin, a suspension and a head that failed are told with who and why', () => {
  const head = {
    outcome: 'failed' as const,
    commit: 'c'.repeat(40),
    code: 'BUILD_FAILED',
    message: 'm',
    at: decision.at,
  };
  const summary = see({ deployment: { ...main, desired: 1, head, pinned: decision, suspended: decision } });

  assert.equal(summary.state, 'suspended');
  assert.deepEqual(summary.notes, [
    'pinned to release 1 by ada: it is slow',
    'suspended by ada: it is slow',
    'release 2 is newer',
    'its head cccccccccccc failed: BUILD_FAILED',
  ]);
});

test('a branch that is not deployed because this one has its slug is told of here, where there is a record', () => {
  assert.deepEqual(see({ deployment: { ...main, rivals: ['feature/y'] } }).notes, [
    'feature/y is not deployed: it has the same slug, main',
  ]);
});

test('what the limits put to sleep or took down is told with when and why', () => {
  const ruling = { at: decision.at, why: 'nothing was pushed to it for 7 d' };
  const asleepNow = see({ deployment: { ...main, asleep: ruling } }, [socket, asleep]);
  const expired = see({ deployment: { ...main, expired: ruling }, serving: null }, []);

  assert.equal(asleepNow.state, 'asleep');
  assert.deepEqual(asleepNow.notes, ['put to sleep 2026-01-01T00:00:00.000Z: nothing was pushed to it for 7 d']);
  assert.equal(expired.state, 'expired');
  assert.deepEqual(expired.notes, ['expired 2026-01-01T00:00:00.000Z: nothing was pushed to it for 7 d']);
  assert.deepEqual(expired.expired, ruling);
});

test('what a person did to a unit, and a process that restarts, are told', () => {
  const { notes } = see({}, [
    { ...socket, load: 'masked' },
    unit('process', { restarts: 3, dropIns: ['/etc/x.conf'] }),
  ]);

  assert.deepEqual(notes, [
    'bough-demo--main--r2-web.socket is masked',
    'bough-demo--main--r2-web.service was restarted 3 times',
    'bough-demo--main--r2-web.service is changed by /etc/x.conf',
  ]);
});

test('a release that cannot be started for a mask is said to be so, whether an older one serves or none', () => {
  const blocks = ['web is masked: it is left alone'];

  assert.equal(see({ serving: null, blocks }, []).state, 'blocked');
  assert.deepEqual(see({ serving: 1, blocks }, []).notes, [
    'release 2 is not started: web is masked: it is left alone',
  ]);
});

test('a head that gave the same output is told by the release it stands by', () => {
  const head = { outcome: 'unchanged' as const, commit: 'a'.repeat(40), release: 2, at: decision.at };

  assert.deepEqual(see({ deployment: { ...main, head } }).notes, [
    'its head aaaaaaaaaaaa is unchanged since release 2',
  ]);
});
