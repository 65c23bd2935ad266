import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecentAddresses } from './recent-addresses.ts';

test('the latest thousand are known, and one that is heard of again is the latest', () => {
  const addresses = createRecentAddresses();
  for (let index = 0; index < 1_000; index += 1) addresses.add(`10.0.${index >> 8}.${index & 255}`);
  addresses.add('10.0.0.0');

  addresses.add('192.0.2.1');

  assert.deepEqual(
    ['10.0.0.0', '10.0.0.1', '10.0.0.2', '192.0.2.1'].map((address) => addresses.has(address)),
    [true, false, true, true],
  );
});
