import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSuspects } from './suspects.ts';

test('eight small bodies of an address are read at a time, whatever others send', () => {
  const suspects = createSuspects();
  for (let time = 0; time < 8; time += 1) assert.equal(suspects.begin('192.0.2.1', 8_192), true);

  assert.equal(suspects.begin('192.0.2.1', 8_192), false);
  assert.equal(suspects.begin('192.0.2.2', 8_192), true);
  suspects.done('192.0.2.1');
  assert.equal(suspects.begin('192.0.2.1', 8_192), true);
});

test('a large body is read while no other of its address is, and one that does not say how large it is never', () => {
  const suspects = createSuspects();

  assert.equal(suspects.begin('192.0.2.1', Number.NaN), false);
  assert.equal(suspects.begin('192.0.2.1', 262_145), true);
  assert.equal(suspects.begin('192.0.2.1', 262_145), false);
  assert.equal(suspects.begin('192.0.2.1', 262_144), true);
  assert.equal(suspects.begin('192.0.2.2', 262_145), true);
});
