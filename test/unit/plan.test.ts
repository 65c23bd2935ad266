import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observed, ObservedUnit } from '@bough/core/reconcile/observed.ts';
import { type Plan, plan } from '@bough/core/reconcile/plan.ts';
import { settle } from '@bough/core/reconcile/settle.ts';
import { describeStep } from '@bough/core/reconcile/step.ts';
import { type Deployment, newDeployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import { parseUnitName, unitName, type UnitRole } from '@bough/core/unit-name.ts';
import fc from 'fast-check';
import { aRelease, aUnit, carryOut, type Model } from '../support/model.ts';

const id = { project: 'demo', slug: 'main' };
const roles: readonly UnitRole[] = ['process', 'socket', 'proxy'];
const nameOf = (seq: number, role: UnitRole) => unitName({ ...id, seq, service: 'web', role });
/** Releases from the fourth on sleep, so that plans are tried on both kinds. */
const textOf = (seq: number, role: UnitRole) =>
  `text ${seq} ${role}${seq < 4 ? '' : role === 'proxy' ? ' --exit-idle-time=1s' : role === 'process' ? '\nStopWhenUnneeded=yes' : ''}`;
const textsOf = (release: Release | null) =>
  new Map(
    release === null
      ? []
      : roles.map((role): [string, string] => [nameOf(release.seq, role), textOf(release.seq, role)]),
  );

const empty: Observed = {
  units: new Map(),
  serving: null,
  hasCurrentSocket: false,
  hasSocketFolder: false,
  roots: new Set(),
};
const desired = (seq: number | null, changes: Partial<Deployment> = {}): Deployment => ({
  ...newDeployment(id, 'main'),
  desired: seq,
  lastSeq: seq ?? 0,
  ...changes,
});

function planOf({ deployment, releases, observed }: Model): Plan {
  if (deployment === null) return { steps: [], drift: [], blocks: [] };
  const settled = settle(deployment, releases, 3);
  return plan(
    { ...settled, units: textsOf(settled.target), present: deployment.present, branch: deployment.branch },
    observed,
  );
}

/** A release that is up as it should be. */
function up(seq: number, changes: Partial<ObservedUnit> = {}): [string, ObservedUnit][] {
  return roles.map((role) => [nameOf(seq, role), aUnit(nameOf(seq, role), { text: textOf(seq, role), ...changes })]);
}

const sentences = (model: Model) => planOf(model).steps.map(describeStep);

test('a first release is held, written, checked, linked, started, verified and switched to, in this order', () => {
  const steps = sentences({ deployment: desired(1), releases: [aRelease(1)], observed: empty });

  assert.deepEqual(steps, [
    'hold release 1 in the store (it has no GC root)',
    'write bough-demo--main--r1-web.service (it is not there)',
    'write bough-demo--main--r1-web.socket (it is not there)',
    'write bough-demo--main--r1-web--proxy.service (it is not there)',
    'let systemd check the units of release 1 (they are new)',
    'link bough-demo--main--r1-web.service (systemd cannot find it)',
    'link bough-demo--main--r1-web.socket (systemd cannot find it)',
    'link bough-demo--main--r1-web--proxy.service (systemd cannot find it)',
    'start bough-demo--main--r1-web.service bough-demo--main--r1-web.socket (release 1 is desired)',
    'verify release 1 (it was never verified)',
    'switch to release 1 (release 1 is desired)',
  ]);
});

test('a newer release is brought up beside the old one, which is drained and stopped after the switch', () => {
  const observed = {
    units: new Map([...up(1), ...up(2, { active: 'inactive' })]),
    serving: 1,
    hasCurrentSocket: true,
    hasSocketFolder: true,
    roots: new Set([1, 2]),
  };
  const steps = sentences({ deployment: desired(2), releases: [aRelease(1, 'verified'), aRelease(2)], observed });

  assert.deepEqual(steps, [
    'start bough-demo--main--r2-web.service bough-demo--main--r2-web.socket (release 2 is desired)',
    'verify release 2 (it was never verified)',
    'switch to release 2 (release 2 is desired)',
    'drain (release 1 may be answering still)',
    'stop bough-demo--main--r1-web.service bough-demo--main--r1-web.socket bough-demo--main--r1-web--proxy.service (release 2 serves)',
    'forget bough-demo--main--r1-web.service (release 2 serves)',
    'forget bough-demo--main--r1-web.socket (release 2 serves)',
    'forget bough-demo--main--r1-web--proxy.service (release 2 serves)',
  ]);
});

test('a failed release is taken down and the last verified one goes on serving, untouched', () => {
  const observed = {
    units: new Map([...up(1), ...up(2)]),
    serving: 1,
    hasCurrentSocket: true,
    hasSocketFolder: true,
    roots: new Set([1, 2]),
  };
  const steps = sentences({
    deployment: desired(2),
    releases: [aRelease(1, 'verified'), aRelease(2, 'failed')],
    observed,
  });

  assert.equal(
    steps[0],
    'stop bough-demo--main--r2-web.service bough-demo--main--r2-web.socket bough-demo--main--r2-web--proxy.service (release 1 serves)',
  );
  assert.ok(steps.every((step) => !step.includes('r1-web')));
});

test('a deleted branch is withdrawn, stopped, cleaned and forgotten, its record last', () => {
  const observed = {
    units: new Map(up(1)),
    serving: 1,
    hasCurrentSocket: true,
    hasSocketFolder: true,
    roots: new Set([1]),
  };
  const steps = sentences({
    deployment: desired(null, { present: false }),
    releases: [aRelease(1, 'verified')],
    observed,
  });

  assert.deepEqual(
    steps.map((step) => step.replace(' (the branch is gone)', '')),
    [
      'withdraw the socket Caddy dials',
      'stop bough-demo--main--r1-web.service bough-demo--main--r1-web.socket bough-demo--main--r1-web--proxy.service',
      'clean what the app stored through bough-demo--main--r1-web.service',
      'forget bough-demo--main--r1-web.service',
      'forget bough-demo--main--r1-web.socket',
      'forget bough-demo--main--r1-web--proxy.service',
      'remove the folder of sockets',
      'remove release 1',
      'remove all that is recorded of main',
    ],
  );
});

test('a stopped unit is started and verified again, and nothing else is touched', () => {
  const units = new Map([
    ...up(1),
    [nameOf(1, 'process'), aUnit(nameOf(1, 'process'), { text: 'text 1 process', active: 'inactive' })] as const,
  ]);
  const steps = sentences({
    deployment: desired(1),
    releases: [aRelease(1, 'verified')],
    observed: { units, serving: 1, hasCurrentSocket: true, hasSocketFolder: true, roots: new Set([1]) },
  });

  assert.deepEqual(steps, [
    'start bough-demo--main--r1-web.service (release 1 is desired)',
    'verify release 1 (it was started)',
  ]);
});

test('a masked unit is told as drift and not fought', () => {
  const units = new Map([
    ...up(1),
    [
      nameOf(1, 'process'),
      aUnit(nameOf(1, 'process'), { load: 'masked', active: 'inactive', link: 'foreign' }),
    ] as const,
  ]);
  const { steps, drift, blocks } = planOf({
    deployment: desired(1),
    releases: [aRelease(1, 'verified')],
    observed: { units, serving: 1, hasCurrentSocket: true, hasSocketFolder: true, roots: new Set([1]) },
  });

  assert.deepEqual(steps, []);
  assert.deepEqual(drift, [
    `${nameOf(1, 'process')} is masked: it is left alone; \`systemctl unmask\` it to let Bough start it`,
  ]);
  assert.deepEqual(blocks, drift);
});

test('what still serves stays while its record is lost', () => {
  const observed = {
    units: new Map(up(7)),
    serving: 7,
    hasCurrentSocket: true,
    hasSocketFolder: true,
    roots: new Set<number>(),
  };

  assert.deepEqual(sentences({ deployment: desired(null), releases: [], observed }), []);
});

test('a unit that is still starting, asked for by a worker that died, is waited for before it is judged', () => {
  const units = new Map([
    ...up(1),
    [nameOf(1, 'process'), aUnit(nameOf(1, 'process'), { text: 'text 1 process', active: 'activating' })] as const,
  ]);
  const steps = sentences({
    deployment: desired(1),
    releases: [aRelease(1)],
    observed: { units, serving: null, hasCurrentSocket: false, hasSocketFolder: true, roots: new Set([1]) },
  });

  assert.deepEqual(steps, [
    'start bough-demo--main--r1-web.service (release 1 is desired)',
    'verify release 1 (it was never verified)',
    'switch to release 1 (release 1 is desired)',
  ]);
});

test('a service whose socket lost its file is stopped whole and started again', () => {
  const units = new Map([
    ...up(1),
    [nameOf(1, 'socket'), aUnit(nameOf(1, 'socket'), { text: 'text 1 socket', isDeaf: true })] as const,
  ]);
  const steps = sentences({
    deployment: desired(1),
    releases: [aRelease(1, 'verified')],
    observed: { units, serving: 1, hasCurrentSocket: true, hasSocketFolder: true, roots: new Set([1]) },
  });

  assert.deepEqual(steps, [
    'stop bough-demo--main--r1-web.service bough-demo--main--r1-web.socket bough-demo--main--r1-web--proxy.service (nobody can reach their socket)',
    'start bough-demo--main--r1-web.service bough-demo--main--r1-web.socket (release 1 is desired)',
    'verify release 1 (it was started)',
  ]);
});

test('a service whose socket somebody stopped is stopped whole and started again, as systemd would refuse the socket alone', () => {
  const units = new Map([
    ...up(1),
    [nameOf(1, 'socket'), aUnit(nameOf(1, 'socket'), { text: 'text 1 socket', active: 'inactive' })] as const,
  ]);
  const steps = sentences({
    deployment: desired(1),
    releases: [aRelease(1, 'verified')],
    observed: { units, serving: 1, hasCurrentSocket: true, hasSocketFolder: true, roots: new Set([1]) },
  });

  assert.deepEqual(steps, [
    'stop bough-demo--main--r1-web.service bough-demo--main--r1-web--proxy.service (nobody can reach their socket)',
    'start bough-demo--main--r1-web.service bough-demo--main--r1-web.socket (release 1 is desired)',
    'verify release 1 (it was started)',
  ]);
});

test('the old release is drained also when the worker died right after the switch', () => {
  const steps = sentences({
    deployment: desired(2),
    releases: [aRelease(1, 'verified'), aRelease(2, 'verified')],
    observed: {
      units: new Map([...up(1), ...up(2)]),
      serving: 2,
      hasCurrentSocket: true,
      hasSocketFolder: true,
      roots: new Set([1, 2]),
    },
  });

  assert.equal(steps[0], 'drain (release 1 may be answering still)');
});

test('a release nobody judged before a newer one failed does not stay behind', () => {
  const steps = sentences({
    deployment: desired(2),
    releases: [aRelease(1), aRelease(2, 'failed')],
    observed: {
      units: new Map([...up(1), ...up(2)]),
      serving: null,
      hasCurrentSocket: false,
      hasSocketFolder: true,
      roots: new Set([1, 2]),
    },
  });

  assert.ok(steps.some((step) => step.startsWith('forget bough-demo--main--r1-web.service')));
  assert.ok(steps.some((step) => step.startsWith('forget bough-demo--main--r2-web.service')));
});

test('while a person keeps the target from starting, no release is retired', () => {
  const masked = aUnit(nameOf(2, 'process'), { load: 'masked', active: 'inactive', link: 'foreign' });
  const model: Model = {
    deployment: desired(2),
    releases: [aRelease(1, 'verified'), aRelease(2)],
    observed: {
      units: new Map([...up(1), [masked.name, masked]]),
      serving: 1,
      hasCurrentSocket: true,
      hasSocketFolder: true,
      roots: new Set([1, 2]),
    },
  };
  const settled = settle(desired(2), model.releases, 1);

  assert.deepEqual(
    plan({ ...settled, units: textsOf(settled.target), present: true, branch: 'main' }, model.observed).steps,
    [],
  );
});

test('what somebody else put where the unit of another release was linked is left alone', () => {
  const foreign = aUnit(nameOf(2, 'setup'), { active: 'inactive', text: null, link: 'foreign' });
  const units = new Map([...up(1), [foreign.name, foreign] as const]);
  const observed = { units, serving: 1, hasCurrentSocket: true, hasSocketFolder: true, roots: new Set([1]) };

  assert.deepEqual(sentences({ deployment: desired(1), releases: [aRelease(1, 'verified')], observed }), []);
});

test('units are checked before the first of them is linked, and those of a verified release not again', () => {
  const kinds = (release: Release) =>
    planOf({ deployment: desired(1), releases: [release], observed: empty }).steps.map(({ kind }) => kind);
  const fresh = kinds(aRelease(1));

  assert.ok(fresh.indexOf('check-units') > fresh.lastIndexOf('write-unit'));
  assert.ok(fresh.indexOf('check-units') < fresh.indexOf('link-unit'));
  assert.ok(!kinds(aRelease(1, 'verified')).includes('check-units'));
});

test('a deleted branch whose units were forgotten is cleaned through one that is put back for it', () => {
  const units = { [nameOf(1, 'process')]: 'text 1 process' };
  const steps = sentences({
    deployment: desired(null, { present: false }),
    releases: [aRelease(1, 'failed', { units })],
    observed: empty,
  });

  assert.deepEqual(
    steps.map((step) => step.replace(' (the branch is gone)', '')),
    [
      'write bough-demo--main--r1-web.service',
      'link bough-demo--main--r1-web.service',
      'clean what the app stored through bough-demo--main--r1-web.service',
      'forget bough-demo--main--r1-web.service',
      'remove release 1',
      'remove all that is recorded of main',
    ],
  );
});

test('what the limits put to sleep is left alone, awake or not, while its socket listens', () => {
  const world = (units: [string, ObservedUnit][]): Model => ({
    deployment: desired(1, { asleep: { at: '2026-01-01T00:00:00.000Z', why: 'the limits' } }),
    releases: [aRelease(1, 'verified')],
    observed: { units: new Map(units), serving: 1, hasCurrentSocket: true, hasSocketFolder: true, roots: new Set([1]) },
  });
  const [process, socket, proxy] = up(1, { active: 'inactive' });
  const [, listens] = up(1);
  assert.ok(process && socket && proxy && listens);

  assert.deepEqual(sentences(world([process, listens, proxy])), []);
  assert.deepEqual(sentences(world(up(1))), []);
  assert.deepEqual(
    sentences(world([process, socket, proxy])),
    [
      'start bough-demo--main--r1-web.service bough-demo--main--r1-web.socket (release 1 is desired)',
      'verify release 1 (it was started)',
    ],
    'what has to be verified has to run',
  );
});

test('a wake that failed is healed, though the limits had put it to sleep', () => {
  const [, socket, proxy] = up(1);
  const [failed] = up(1, { active: 'failed' });
  assert.ok(failed && socket && proxy);

  const steps = sentences({
    deployment: desired(1, { asleep: { at: '2026-01-01T00:00:00.000Z', why: 'the limits' } }),
    releases: [aRelease(1, 'verified')],
    observed: {
      units: new Map([failed, socket, proxy]),
      serving: 1,
      hasCurrentSocket: true,
      hasSocketFolder: true,
      roots: new Set([1]),
    },
  });

  assert.deepEqual(steps, [
    'start bough-demo--main--r1-web.service (release 1 is desired)',
    'verify release 1 (it was started)',
  ]);
});

test('what has expired is withdrawn, stopped and forgotten with its reason, and its releases stay', () => {
  const steps = sentences({
    deployment: desired(1, { expired: { at: '2026-01-01T00:00:00.000Z', why: 'nothing was pushed to it for 7 d' } }),
    releases: [aRelease(1, 'verified')],
    observed: {
      units: new Map(up(1)),
      serving: 1,
      hasCurrentSocket: true,
      hasSocketFolder: true,
      roots: new Set([1]),
    },
  });

  const why = '(it expired: nothing was pushed to it for 7 d)';
  assert.deepEqual(steps, [
    `withdraw the socket Caddy dials ${why}`,
    `stop bough-demo--main--r1-web.service bough-demo--main--r1-web.socket bough-demo--main--r1-web--proxy.service ${why}`,
    `forget bough-demo--main--r1-web.service ${why}`,
    `forget bough-demo--main--r1-web.socket ${why}`,
    `forget bough-demo--main--r1-web--proxy.service ${why}`,
  ]);
});

const seqs = fc.integer({ min: 1, max: 5 });
const anyUnit = fc.record({
  seq: seqs,
  role: fc.constantFrom(...roles),
  active: fc.constantFrom('active', 'inactive', 'failed', 'activating'),
  text: fc.constantFrom('right', 'edited', null),
  link: fc.constantFrom('linked' as const, 'missing' as const),
  needsReload: fc.boolean(),
  isDeaf: fc.boolean(),
});
const decision = { by: 'ada', at: '2026-01-01T00:00:00.000Z', why: 'a test' };
const ruling = { at: decision.at, why: 'a test of limits' };
const replacing = (release: Release, strategy: 'parallel' | 'replace') => ({
  ...release,
  manifest: { ...release.manifest, strategy },
});
const anyModel: fc.Arbitrary<Model> = fc
  .record({
    present: fc.boolean(),
    desired: fc.option(seqs, { nil: null }),
    releases: fc.uniqueArray(
      fc.tuple(seqs, fc.constantFrom('pending' as const, 'verified' as const, 'failed' as const)),
      { selector: ([seq]) => seq },
    ),
    units: fc.array(anyUnit, { maxLength: 12 }),
    serving: fc.option(seqs, { nil: null }),
    roots: fc.uniqueArray(seqs),
    strategy: fc.constantFrom('parallel' as const, 'replace' as const),
    asked: fc.constantFrom({}, { suspended: decision }, { expired: ruling }, { asleep: ruling }),
  })
  .map(({ present, desired: seq, releases, units, serving, roots, strategy, asked }) => ({
    deployment: desired(seq, { present, ...asked }),
    releases: releases.map(([n, state]) => replacing(aRelease(n, state), strategy)),
    observed: {
      units: new Map(
        units.map(({ seq: n, role, text, ...rest }) => {
          const name = nameOf(n, role);
          const isDeaf = rest.isDeaf && role === 'socket' && rest.active === 'active';
          return [name, aUnit(name, { ...rest, isDeaf, text: text === 'right' ? textOf(n, role) : text })];
        }),
      ),
      serving,
      hasCurrentSocket: serving !== null,
      hasSocketFolder: serving !== null,
      roots: new Set(roots),
    },
  }));

function carryOutAll(model: Model): Model {
  return planOf(model).steps.reduce(carryOut, model);
}

test('a plan carried out leaves an empty plan, whatever the world was', () => {
  fc.assert(
    fc.property(anyModel, (model) => {
      assert.deepEqual(sentences(carryOutAll(model)), []);
    }),
    { numRuns: 2_000 },
  );
});

test('a plan cut short after any step and made again ends in the same world', () => {
  fc.assert(
    fc.property(anyModel, fc.nat(30), (model, cut) => {
      const whole = carryOutAll(model);
      const halfway = planOf(model).steps.slice(0, cut).reduce(carryOut, model);
      assert.deepEqual(carryOutAll(halfway), whole);
    }),
    { numRuns: 2_000 },
  );
});

test('the order in which units and releases are found changes no plan', () => {
  fc.assert(
    fc.property(anyModel, (model) => {
      const reversed = {
        ...model,
        releases: [...model.releases].toReversed(),
        observed: { ...model.observed, units: new Map([...model.observed.units].toReversed()) },
      };
      assert.deepEqual(
        new Set(sentences(reversed).flatMap((line) => line.split(' '))),
        new Set(sentences(model).flatMap((line) => line.split(' '))),
      );
      assert.deepEqual(
        planOf(reversed).steps.map(({ kind }) => kind),
        planOf(model).steps.map(({ kind }) => kind),
      );
    }),
  );
});

test('requests never lead to a release before it is verified, and what they lead to stops only to be mended', () => {
  fc.assert(
    fc.property(anyModel, (model) => {
      let world = model;
      for (const step of planOf(model).steps) {
        if (step.kind === 'switch')
          assert.equal(world.releases.find(({ seq }) => seq === step.seq)?.verdict.state, 'verified');
        if (step.kind === 'stop-units' && world.deployment !== null) {
          const { target } = settle(world.deployment, world.releases, 3);
          const serves = step.units.some((unit) => parseUnitName(unit)?.seq === world.observed.serving);
          const mended = step.units.every((unit) => parseUnitName(unit)?.seq === target?.seq);
          const replaced = target?.manifest.strategy === 'replace';
          if (target !== null && serves && !replaced) assert.ok(mended, describeStep(step));
        }
        world = carryOut(world, step);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a release that must not overlap with the old one waits until that has ended, its socket first', () => {
  const observed = {
    ...empty,
    units: new Map([...up(1), ...up(2, { active: 'inactive' })]),
    serving: 1,
    hasCurrentSocket: true,
    hasSocketFolder: true,
    roots: new Set([1, 2]),
  };
  const steps = sentences({
    deployment: desired(2),
    releases: [aRelease(1, 'verified'), replacing(aRelease(2), 'replace')],
    observed,
  });

  assert.deepEqual(
    steps.slice(0, 6).map((step) => step.replace(/ \(.*/, '')),
    [
      'stop bough-demo--main--r1-web.socket',
      'let the requests to bough-demo--main--r1-web.socket finish',
      'stop bough-demo--main--r1-web.service bough-demo--main--r1-web--proxy.service',
      'start bough-demo--main--r2-web.service bough-demo--main--r2-web.socket',
      'verify release 2, without a settle time',
      'switch to release 2',
    ],
  );
});

test('when such a release failed it ends before the one that serves instead is started again', () => {
  const releases = [replacing(aRelease(1, 'verified'), 'replace'), replacing(aRelease(2, 'failed'), 'replace')];
  const observed = {
    ...empty,
    units: new Map([...up(1, { active: 'inactive' }), ...up(2)]),
    serving: 1,
    hasCurrentSocket: true,
    hasSocketFolder: true,
    roots: new Set([1, 2]),
  };

  assert.deepEqual(
    sentences({ deployment: desired(2), releases, observed })
      .slice(0, 5)
      .map((step) => step.replace(/ \(.*/, '')),
    [
      'stop bough-demo--main--r2-web.socket',
      'let the requests to bough-demo--main--r2-web.socket finish',
      'stop bough-demo--main--r2-web.service bough-demo--main--r2-web--proxy.service',
      'start bough-demo--main--r1-web.service bough-demo--main--r1-web.socket',
      'verify release 1, without a settle time',
    ],
  );
});

test('nothing of a release that must not overlap is started while anything of another one runs', () => {
  fc.assert(
    fc.property(anyModel, (model) => {
      let world = model;
      for (const step of planOf(model).steps) {
        const release = step.kind === 'start-units' ? model.releases.find(({ seq }) => seq === step.seq) : undefined;
        if (step.kind === 'start-units' && step.units.length > 0 && release?.manifest.strategy === 'replace') {
          const others = [...world.observed.units.values()].filter(
            ({ name, active }) => parseUnitName(name)?.seq !== step.seq && active !== 'inactive' && active !== 'failed',
          );
          assert.deepEqual(others, []);
        }
        world = carryOut(world, step);
      }
    }),
    { numRuns: 2_000 },
  );
});
