import assert from 'node:assert/strict';
import test from 'node:test';
import { equalInConstantTime } from './credentials.ts';

test('texts are equal where every character is, whatever their lengths', () => {
  assert.equal(equalInConstantTime('geheim', 'geheim'), true);
  assert.equal(equalInConstantTime('geheim', 'Geheim'), false);
  assert.equal(equalInConstantTime('', 'geheim'), false);
  assert.equal(equalInConstantTime('geheim'.repeat(1000), 'geheim'), false);
});
