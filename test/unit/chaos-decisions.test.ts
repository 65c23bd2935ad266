import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deed, Done } from '../chaos/deed.ts';
import { judgeDecisions } from '../chaos/judge-decisions.ts';
import type { Command } from '../chaos/schedule.ts';

const branch = 'feat';
const at = { from: 1_000, to: 1_010 };
const pushed: Deed = { action: { do: 'push', branch, kind: 'good', told: true }, ...at };
const deleted: Deed = { action: { do: 'delete', branch, told: true }, ...at };
const recreated: Deed = { action: { do: 'recreate', branch, told: true }, ...at };
const asked = (name: Command, done: Done = {}, of = branch): Deed => ({
  action: { do: name, branch: of },
  ...at,
  ...done,
});
const rolledBack = asked('rollback', { desired: 2 });
const decision = { by: 'root', at: '2026-01-01T00:00:00.000Z', why: 'chaos' };
const free = { branch, suspended: null, pinned: null, desired: 3 };
const suspended = { ...free, suspended: decision };
const pinnedTo = (desired: number) => ({ ...free, pinned: decision, desired });

for (const [what, is, deeds] of [
  ['nobody decided anything of, left alone', free, []],
  ['that was suspended, suspended', suspended, [asked('suspend')]],
  ['that was suspended and resumed, left alone', free, [asked('suspend'), asked('resume')]],
  ['whose resume was refused, suspended', suspended, [asked('suspend'), asked('resume', { refused: true })]],
  ['whose resume broke off, suspended', suspended, [asked('suspend'), asked('resume', { brokeOff: true })]],
  ['whose resume broke off, left alone', free, [asked('suspend'), asked('resume', { brokeOff: true })]],
  ['that was rolled back, pinned to that release', pinnedTo(2), [rolledBack]],
  ['that was rolled back and pinned, pinned to that release', pinnedTo(2), [rolledBack, asked('pin', { desired: 2 })]],
  ['that was rolled back and unpinned, left alone', free, [rolledBack, asked('unpin')]],
  ['whose rollback broke off, pinned to any', pinnedTo(1), [asked('rollback', { brokeOff: true })]],
  ['pinned and then rotated, pinned to what was renewed', pinnedTo(4), [rolledBack, asked('rotate', { desired: 4 })]],
  ['that was rotated, left alone', free, [asked('rotate', { desired: 3 })]],
  ['whose rotation broke off, pinned to what it was', pinnedTo(2), [rolledBack, asked('rotate', { brokeOff: true })]],
  ['suspended and recreated, left alone', free, [asked('suspend'), recreated]],
  ['suspended and recreated before that was seen, suspended', suspended, [asked('suspend'), recreated]],
  ['rolled back and recreated before that was seen, pinned to what was built', pinnedTo(3), [rolledBack, recreated]],
  ['suspended while it was gone, left alone once it is there again', free, [deleted, asked('suspend'), pushed]],
] as const) {
  test(`a branch ${what}, stands as was decided`, () => {
    assert.deepEqual(judgeDecisions(is, [pushed, ...deeds]), []);
  });
}

for (const [what, is, deeds] of [
  ['that nobody suspended, suspended', suspended, []],
  ['whose suspension is lost', free, [asked('suspend')]],
  ['whose suspension was refused, suspended', suspended, [asked('suspend', { refused: true })]],
  ['that was resumed, suspended', suspended, [asked('suspend'), asked('resume')]],
  ['beside one that was suspended, suspended', suspended, [asked('suspend', {}, 'feature-a')]],
  ['suspended when it was there again, left alone', free, [deleted, pushed, asked('suspend')]],
  ['that nobody pinned, pinned', pinnedTo(2), []],
  ['whose pin is lost', free, [asked('pin', { desired: 2 })]],
  ['that was unpinned, pinned', pinnedTo(2), [rolledBack, asked('unpin')]],
  ['pinned to another release than it was rolled back to', pinnedTo(1), [rolledBack]],
  ['whose pin was lost before it was pinned again', pinnedTo(3), [rolledBack, asked('pin', { desired: 3 })]],
] as const) {
  test(`a branch ${what}, is told`, () => {
    assert.equal(judgeDecisions(is, [pushed, ...deeds]).length, 1);
  });
}

test('what is told says how it is and how it should be', () => {
  assert.deepEqual(judgeDecisions(free, [pushed, rolledBack, asked('suspend', { brokeOff: true })]), [
    'it is not suspended and not pinned, and should be not suspended and pinned to release 2, or suspended and pinned to release 2',
  ]);
});
