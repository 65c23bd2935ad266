import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isSigningSecret, signingKeyOf, whyNoSigningKey } from './signing-secret.ts';

test('a signing secret of 24 bytes and more is one, whatever its bytes, and its key is read back whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 24, maxLength: 70 }), (bytes) => {
      const secret = `whsec_${Buffer.from(bytes).toString('base64')}`;

      assert.equal(isSigningSecret(secret), true);
      assert.equal(whyNoSigningKey(secret), null);
      assert.deepEqual(Buffer.from(signingKeyOf(secret), 'base64'), Buffer.from(bytes));
    }),
  );
});

test('the prefix alone and a short key are refused with the length they have', () => {
  assert.equal(whyNoSigningKey('whsec_'), 'what follows whsec_ is a key of 0 bytes; 24 are the least');
  const short = `whsec_${Buffer.alloc(23, 7).toString('base64')}`;
  assert.equal(whyNoSigningKey(short), 'what follows whsec_ is a key of 23 bytes; 24 are the least');
});

test('what Node would decode to something else is refused, and not repeated', () => {
  const good = Buffer.alloc(32, 255).toString('base64');
  for (const key of [
    `${good} `,
    `${good}\n`,
    good.slice(0, -1),
    good.replaceAll('/', '_'),
    `${good}*`,
    `a${good}`,
    `${good.slice(0, -2)}9=`,
  ])
    assert.equal(whyNoSigningKey(`whsec_${key}`), 'what follows whsec_ is not base64', key);
});
