import assert from 'node:assert/strict';
import test from 'node:test';
import { readProof } from './proof.ts';

const digest = 'a1'.repeat(32);
const hub = [{ scheme: 'hmac-sha256', header: 'x-sig', prefix: 'sha256=' }] as const;
const bare = [{ scheme: 'hmac-sha256', header: 'x-sig', prefix: '' }] as const;
const both = [{ scheme: 'standard-webhooks' }, { scheme: 'token', header: 'x-token' }] as const;
const signature = `v1,${Buffer.alloc(32).toString('base64')}`;
const signed = { 'webhook-id': 'msg', 'webhook-timestamp': '1700000000', 'webhook-signature': signature };

test('a digest is read, with the prefix its forge writes', () => {
  assert.deepEqual(readProof(hub, { 'x-sig': `sha256=${digest}` }), { scheme: 'hmac-sha256', digest });
  assert.deepEqual(readProof(bare, { 'x-sig': digest }), { scheme: 'hmac-sha256', digest });
});

for (const value of [
  undefined,
  '',
  'sha256=',
  'sha1=757107ea',
  digest,
  `sha256=${digest.toUpperCase()}`,
  `SHA256=${digest}`,
  `sha256=${digest}0`,
  ` sha256=${digest}`,
  `sha256=${digest}, sha256=${digest}`,
  [`sha256=${digest}`],
]) {
  test(`${JSON.stringify(value)} is no digest after sha256=`, () => {
    assert.equal(readProof(hub, { 'x-sig': value }), null);
  });
}

test('a token is read as it is, and an empty one is none', () => {
  assert.deepEqual(readProof(both, { 'x-token': ' s ' }), { scheme: 'token', token: ' s ' });
  assert.equal(readProof(both, { 'x-token': '' }), null);
  assert.equal(readProof(both, {}), null);
});

test('a signature with its id and time is read, versions that are not known are left out', () => {
  const proof = {
    scheme: 'standard-webhooks',
    id: 'msg',
    timestamp: 1_700_000_000,
    digests: [signature.slice(3)],
  };

  assert.deepEqual(readProof(both, signed), proof);
  assert.deepEqual(readProof(both, { ...signed, 'webhook-signature': `v2,abc ${signature}` }), proof);
});

for (const [what, change] of [
  ['without an id', { 'webhook-id': undefined }],
  ['without a time', { 'webhook-timestamp': undefined }],
  ['of a time that is no number', { 'webhook-timestamp': '1e9' }],
  ['of a negative time', { 'webhook-timestamp': '-1' }],
  ['of no known version', { 'webhook-signature': 'v1a,abc' }],
  ['of another length', { 'webhook-signature': 'v1,YWJj' }],
  ['with nine digests', { 'webhook-signature': Array.from({ length: 9 }, () => signature).join(' ') }],
] as const) {
  test(`a signature ${what} is none, and a token beside it does not rescue it`, () => {
    assert.equal(readProof(both, { ...signed, ...change, 'x-token': 'right' }), null);
  });
}
