import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aRelease } from '../../../../test/support/model.ts';
import { type Deployment, newDeployment } from '../state/deployment.ts';
import type { Release, Verdict } from '../state/release.ts';
import { settle } from './settle.ts';

const decision = { by: 'ada', at: '2026-01-01T00:00:00.000Z', why: '' };
const main = (desired: number | null, changes: Partial<Deployment> = {}): Deployment => ({
  ...newDeployment({ project: 'demo', slug: 'main' }, 'main'),
  desired,
  lastSeq: 30,
  ...changes,
});
const keptBy = (deployment: Deployment, releases: readonly Release[], keep = 3): number[] => {
  const { drop } = settle(deployment, releases, keep);
  return releases.map(({ seq }) => seq).filter((seq) => !drop.includes(seq));
};
const some = (from: number, to: number, state: Verdict['state']) =>
  Array.from({ length: to - from + 1 }, (_, index) => aRelease(from + index, state));

test('while a branch is pinned, of the releases that wait only the newest is kept', () => {
  const releases = [...some(1, 4, 'verified'), ...some(5, 20, 'pending')];

  assert.deepEqual(keptBy(main(1, { pinned: decision }), releases), [1, 2, 3, 4, 20]);
});

test('a branch that is pinned keeps the last verified ones, be they newer than the pinned one or older', () => {
  assert.deepEqual(keptBy(main(2, { pinned: decision }), some(1, 9, 'verified')), [2, 7, 8, 9]);
  assert.deepEqual(keptBy(main(9, { pinned: decision }), some(1, 9, 'verified')), [7, 8, 9]);
});

test('the release the head stands by is kept: un-pinned, the branch goes there', () => {
  const head = { outcome: 'unchanged', commit: 'a'.repeat(40), release: 6, at: decision.at } as const;

  assert.deepEqual(
    keptBy(main(1, { pinned: decision, head }), [aRelease(1, 'verified'), ...some(5, 9, 'pending')]),
    [1, 6, 9],
  );
});

test('while a branch is suspended, what is pushed does not pile up either', () => {
  const releases = [...some(1, 4, 'verified'), ...some(5, 9, 'pending')];

  assert.deepEqual(keptBy(main(9, { suspended: decision }), releases), [2, 3, 4, 9]);
});

test('a release whose worker ended before the deployment named it is not the newest, and goes', () => {
  const releases = [aRelease(1, 'verified'), aRelease(2, 'pending'), aRelease(3, 'pending')];

  assert.deepEqual(keptBy(main(1, { pinned: decision, lastSeq: 2 }), releases), [1, 2]);
  assert.deepEqual(keptBy(main(1, { lastSeq: 1 }), [aRelease(1, 'verified'), aRelease(2, 'pending')]), [1]);
});

test('the newest release that ever ran is kept, by which what the app stored is cleaned up once the branch is gone', () => {
  const units = { 'bough-demo--main--r1-web.service': '[Service]' };
  const releases = [aRelease(1, 'failed', { units }), aRelease(2), aRelease(3)];

  assert.deepEqual(keptBy(main(3, { suspended: decision }), releases), [1, 3]);
  assert.equal(settle(main(3), releases, 3).cleaner?.unit, 'bough-demo--main--r1-web.service');
});

const verdicts = fc.array(fc.constantFrom('pending', 'verified', 'failed'), { minLength: 1, maxLength: 30 });
const anyDeployment = verdicts.chain((states) =>
  fc.record({
    releases: fc.constant(states.map((state, index) => aRelease(index + 1, state))),
    desired: fc.integer({ min: 1, max: states.length }),
    isPinned: fc.boolean(),
    isSuspended: fc.boolean(),
    keep: fc.integer({ min: 1, max: 5 }),
  }),
);

test('whatever happened before, what may be needed is kept, and never more than that', () => {
  fc.assert(
    fc.property(anyDeployment, ({ releases, desired, isPinned, isSuspended, keep }) => {
      const deployment = main(desired, {
        pinned: isPinned ? decision : null,
        suspended: isSuspended ? decision : null,
      });
      const settled = settle(deployment, releases, keep);
      const kept = keptBy(deployment, releases, keep);
      const verified = releases.filter(({ verdict }) => verdict.state === 'verified').map(({ seq }) => seq);

      assert.ok(kept.includes(desired), 'the desired one');
      assert.ok(kept.includes(releases.length), 'the newest');
      if (settled.target !== null) assert.ok(kept.includes(settled.target.seq), 'the one that serves');
      // A target that is not verified yet takes the place of the oldest of them once it is.
      for (const seq of verified.slice(keep === 1 ? verified.length : 1 - keep))
        assert.ok(kept.includes(seq), `${seq} is one of the last`);
      assert.ok(kept.length <= keep + 3, `${kept.join(' ')} with ${keep}`);
    }),
  );
});

test('what is kept is kept still when it is decided anew', () => {
  fc.assert(
    fc.property(anyDeployment, ({ releases, desired, isPinned, keep }) => {
      const deployment = main(desired, { pinned: isPinned ? decision : null });
      const kept = new Set(keptBy(deployment, releases, keep));

      assert.deepEqual(
        settle(
          deployment,
          releases.filter(({ seq }) => kept.has(seq)),
          keep,
        ).drop,
        [],
      );
    }),
  );
});
