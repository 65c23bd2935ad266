import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceOf } from './source-of.ts';

test('the source of a request is an address, or unknown', () => {
  for (const ip of ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::5']) assert.equal(sourceOf({ ip }), ip);
  assert.equal(sourceOf({ ip: `fe80::1%${'x'.repeat(9_000)}` }), 'fe80::1');
  for (const ip of ['', 'unknown', 'localhost', '192.0.2.1:80', '<b>', 'x'.repeat(9_000), undefined])
    assert.equal(sourceOf({ ip }), 'unknown');
});
