import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidedBefore, type Note } from './note.ts';

const own: Note = { kind: 'rollback', by: 'alice', job: 'person-1', to: 3 };
const other: Note = { kind: 'unpin', by: 'bob', to: 5 };

for (const [what, notes, expected] of [
  ['that has not decided yet', [other, { ...own, job: 'person-2' }], null],
  ['that has decided', [other, own], { to: 3, since: null }],
  ['whose decision was undone', [own, { kind: 'undo' }, { kind: 'expire', by: 'bough' }], { to: 3, since: null }],
  ['after which somebody decided', [own, other, { kind: 'undo' }], { to: 3, since: other }],
  ['that decided after somebody else', [own, other, own], { to: 3, since: null }],
] as const) {
  test(`it is known of a job ${what}`, () => {
    assert.deepEqual(decidedBefore(notes, 'person-1'), expected);
  });
}

test('a decision by the command line has no earlier run', () => {
  assert.equal(decidedBefore([other], undefined), null);
});
