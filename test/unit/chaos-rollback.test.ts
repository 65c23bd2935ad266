import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Release } from '@bough/core/state/release.ts';
import { judgeRollback } from '../chaos/judge-rollback.ts';
import type { Kind } from '../chaos/schedule.ts';

const time = '2026-01-01T00:00:00.000Z';
const release = (seq: number, isFit = true, of?: number): Pick<Release, 'seq' | 'commit' | 'rotation' | 'verdict'> => ({
  seq,
  commit: `c${seq}`,
  verdict: isFit ? { state: 'verified', at: time } : { state: 'failed', at: time, code: 'APP_EXITED', message: '' },
  ...(of === undefined ? {} : { rotation: { of, credential: null, by: 'root', at: time, why: '' } }),
});
const made = (kinds: Readonly<Record<string, Kind>> = {}) =>
  new Map(['c1', 'c2', 'c3'].map((commit) => [commit, { kind: kinds[commit] ?? 'good', text: `text of ${commit}` }]));

for (const [what, went, releases] of [
  ['the release before', { from: 3, to: 2 }, [release(1), release(2), release(3)]],
  ['the newest one that works', { from: 3, to: 1 }, [release(1), release(2, false), release(3)]],
  ['the one before what a rotation renewed', { from: 3, to: 1 }, [release(1), release(2), release(3, true, 2)]],
  ['an older one, of which nobody knows why', { from: 3, to: 1 }, [release(1), release(2)]],
] as const) {
  test(`a rollback to ${what} is right`, () => {
    assert.equal(judgeRollback(went, releases, made()), null);
  });
}

for (const [what, went, releases, kinds] of [
  ['a later one', { from: 2, to: 3 }, [release(2), release(3)], {}],
  ['the same one', { from: 2, to: 2 }, [release(2)], {}],
  ['one that is not kept', { from: 3, to: 1 }, [release(3)], {}],
  ['one whose app ends at once', { from: 3, to: 2 }, [release(2), release(3)], { c2: 'crashing' }],
  ['one past another that works', { from: 3, to: 1 }, [release(1), release(2), release(3)], {}],
] as const) {
  test(`a rollback to ${what} is told`, () => {
    assert.equal(typeof judgeRollback(went, releases, made(kinds)), 'string');
  });
}
