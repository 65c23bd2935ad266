import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ask, askOf, whyNotAsked } from './ask.ts';

const commit = 'a'.repeat(40);
const skip = 'the push option ci.skip asks not to build it';

test('a job asks for the commit its asker saw, or not to build that', () => {
  assert.deepEqual(askOf({ seen: commit, skip }), { commit, skip });
  assert.deepEqual(askOf({ seen: commit }), { commit });
  assert.equal(askOf({}), null);
});

test('a commit is not asked for by what its message says or its push, whatever a sweep asks for after that', () => {
  const head = { commit, message: 'words' };
  const other: Ask = { commit: 'b'.repeat(40), skip };

  assert.equal(whyNotAsked({ ...head, message: 'words [skip ci]' }, []), 'its message says not to build it');
  assert.equal(whyNotAsked(head, [{ commit }, other, { commit, skip }]), skip);
  assert.equal(whyNotAsked(head, [other, { commit }]), null);
});
