import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LimitAct, planLimits, type Preview } from './plan-limits.ts';

const now = new Date('2026-01-10T12:00:00.000Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const preview = (slug: string, usedAgo: number, changes: Partial<Preview> = {}): Preview => ({
  slug,
  isProduction: false,
  isLive: true,
  isAsleep: false,
  isDownByClock: false,
  used: ago(usedAgo),
  pushed: ago(usedAgo),
  ...changes,
});
const limits = { maxLive: 2, whenFull: 'sleep', ttl: 'never' } as const;

test('of more live previews than may be, those used least recently are put to sleep, with the reason', () => {
  const previews = [preview('a', 5), preview('b', 1), preview('c', 9), preview('d', 3)];

  const why = (time: string) => `4 previews were live where 2 may be, and it was used least recently, at ${time}`;
  assert.deepEqual(planLimits(previews, limits, now), [
    { kind: 'sleep', slug: 'a', why: why('2026-01-10T11:55:00.000Z') },
    { kind: 'sleep', slug: 'c', why: why('2026-01-10T11:51:00.000Z') },
  ]);
});

test('where the project says so they expire instead', () => {
  const [act, ...others] = planLimits(
    [preview('a', 5), preview('b', 1)],
    { ...limits, maxLive: 1, whenFull: 'expire' },
    now,
  );

  assert.deepEqual([act?.kind, act?.slug, others], ['expire', 'a', []]);
});

test('what was put to sleep or has expired and is the production branch now is brought back, and counts for nothing', () => {
  const production = preview('a', 90, { isProduction: true, isLive: false, isAsleep: true });

  assert.deepEqual(planLimits([production, preview('b', 1), preview('c', 2)], { ...limits, ttl: 3600 }, now), [
    { kind: 'wake', slug: 'a', why: 'it is the production branch, which no limit is for' },
  ]);
});

test('one that sleeps is not counted', () => {
  const previews = [preview('a', 5, { isLive: false, isAsleep: true }), preview('b', 1), preview('c', 2)];

  assert.deepEqual(planLimits(previews, limits, now), []);
});

test('one that a visit has woken counts again, and is put to sleep again when it is the least recently used', () => {
  const woken = preview('a', 0, { isAsleep: true });

  assert.deepEqual(planLimits([woken, preview('b', 1)], limits, now), [
    { kind: 'wake', slug: 'a', why: 'a visit woke it' },
  ]);
  assert.deepEqual(
    planLimits([woken, preview('b', 1), preview('c', 2)], limits, now).map(({ kind, slug }) => `${kind} ${slug}`),
    ['sleep c', 'wake a'],
  );
  assert.deepEqual(
    planLimits([preview('a', 3, { isAsleep: true }), preview('b', 1), preview('c', 2)], limits, now).map(
      ({ kind, slug }) => `${kind} ${slug}`,
    ),
    ['sleep a'],
  );
});

test('without a limit on live previews none stays asleep for its sake', () => {
  const asleep = preview('a', 9, { isLive: false, isAsleep: true });

  assert.deepEqual(planLimits([asleep, preview('b', 1)], { ...limits, maxLive: undefined }, now), [
    { kind: 'wake', slug: 'a', why: 'the project limits live previews no more' },
  ]);
});

test('what nobody pushed to for the time to live expires, awake or not, and is not counted', () => {
  const previews = [
    preview('old', 0, { pushed: ago(90) }),
    preview('older', 0, { pushed: ago(61), isLive: false }),
    preview('b', 1),
    preview('c', 2),
  ];

  assert.deepEqual(planLimits(previews, { ...limits, ttl: 3_600 }, now), [
    { kind: 'expire', slug: 'old', why: 'nothing was pushed to it for 1 h' },
    { kind: 'expire', slug: 'older', why: 'nothing was pushed to it for 1 h' },
  ]);
});

test('what a clock that was ahead took down comes back, unless it is too old by the right one too', () => {
  const down = preview('a', 30, { isLive: false, isDownByClock: true });
  const older = preview('b', 90, { isLive: false, isDownByClock: true });

  const wake = { kind: 'wake', slug: 'a', why: 'it expired while the clock was ahead' };
  assert.deepEqual(planLimits([older, down, preview('c', 1)], { ...limits, maxLive: 1, ttl: 3_600 }, now), [wake]);
  const full = { maxLive: 2, whenFull: 'expire', ttl: 3_600 } as const;
  assert.deepEqual(planLimits([down, { ...down, slug: 'd', used: ago(40) }, preview('c', 1)], full, now), [wake]);
  assert.deepEqual(planLimits([down, preview('b', 2), preview('c', 1)], full, now), []);
});

const anyPreviews = fc.uniqueArray(
  fc.record({
    slug: fc.stringMatching(/^[a-z0-9]{1,3}$/),
    isProduction: fc.constant(false),
    isLive: fc.boolean(),
    isAsleep: fc.boolean(),
    isDownByClock: fc.constant(false),
    used: fc.integer({ min: 0, max: 200 }).map(ago),
    pushed: fc.integer({ min: 0, max: 200 }).map(ago),
  }),
  { selector: ({ slug }) => slug, maxLength: 12 },
);
const anyLimits = fc.record({
  maxLive: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  whenFull: fc.constantFrom('sleep' as const, 'expire' as const),
  ttl: fc.oneof(fc.constant('never' as const), fc.integer({ min: 60, max: 12_000 })),
});

/** The previews once the acts are carried out; what has expired is none of them any more. */
function carryOut(previews: readonly Preview[], acts: readonly LimitAct[]): Preview[] {
  const actOn = new Map(acts.map((act) => [act.slug, act.kind]));
  return previews
    .filter(({ slug }) => actOn.get(slug) !== 'expire')
    .map((each) => {
      const kind = actOn.get(each.slug);
      if (kind === undefined) return each;
      return kind === 'sleep' ? { ...each, isLive: false, isAsleep: true } : { ...each, isAsleep: false };
    });
}

test('after the acts never more are live than may be, none is too old, and nothing is left to do', () => {
  fc.assert(
    fc.property(anyPreviews, anyLimits, (previews, some) => {
      const after = carryOut(previews, planLimits(previews, { ...some, maxLive: some.maxLive }, now));

      assert.ok(after.filter(({ isLive }) => isLive).length <= (some.maxLive ?? Number.POSITIVE_INFINITY));
      assert.ok(after.every(({ pushed }) => some.ttl === 'never' || pushed > ago(some.ttl / 60)));
      assert.deepEqual(planLimits(after, some, now), []);
    }),
  );
});

test('no act is on what is not there or twice on one, and the order of input does not matter', () => {
  fc.assert(
    fc.property(anyPreviews, anyLimits, (previews, some) => {
      const acts = planLimits(previews, some, now);

      assert.equal(new Set(acts.map(({ slug }) => slug)).size, acts.length);
      assert.ok(acts.every(({ slug }) => previews.some((each) => each.slug === slug)));
      assert.deepEqual(planLimits(previews.toReversed(), some, now), acts);
    }),
  );
});

test('the one used last stays, and nothing that stays live was used before one that goes for want of room', () => {
  fc.assert(
    fc.property(anyPreviews, anyLimits, (previews, some) => {
      const acts = planLimits(previews, { ...some, ttl: 'never' }, now);

      const gone = new Set(acts.filter(({ kind }) => kind !== 'wake').map(({ slug }) => slug));
      const live = previews.filter(({ isLive }) => isLive);
      const stay = live.filter(({ slug }) => !gone.has(slug));
      const goes = live.filter(({ slug }) => gone.has(slug));
      for (const one of stay) for (const other of goes) assert.ok(one.used >= other.used);
      assert.ok(live.length === 0 || stay.length > 0);
      assert.ok(stay.length === Math.min(live.length, some.maxLive ?? live.length), 'no more go than must');
    }),
  );
});
