import assert from 'node:assert/strict';
import test from 'node:test';
import { isSignature, isSignedBy } from './signature.ts';

// https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
const secret = "It's a Secret to Everybody";
const body = Buffer.from('Hello, World!');
const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

test("the example of GitHub's documentation is signed by its secret", () => {
  assert.equal(isSignedBy([secret], body, signature), true);
});

test('any of several secrets may have signed', () => {
  assert.equal(isSignedBy(['new', secret], body, signature), true);
  assert.equal(isSignedBy([secret, 'old'], body, signature), true);
});

test('another secret, other bytes and no secret at all have not signed', () => {
  assert.equal(isSignedBy(['another'], body, signature), false);
  assert.equal(isSignedBy([secret], Buffer.from('Hello, World'), signature), false);
  assert.equal(isSignedBy([secret], Buffer.alloc(0), signature), false);
  assert.equal(isSignedBy([], body, signature), false);
});

test('bytes that are no UTF-8 are compared as they are', () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00]);

  assert.equal(
    isSignedBy(
      ['s'],
      Buffer.from(bytes.toString()),
      'sha256=c72b1bb027222a93e89f1fd147ead724aa3acd40833c3db0dc1e2c70358948d0',
    ),
    false,
  );
  assert.equal(
    isSignedBy(['s'], bytes, 'sha256=c72b1bb027222a93e89f1fd147ead724aa3acd40833c3db0dc1e2c70358948d0'),
    true,
  );
});

for (const header of [
  undefined,
  '',
  'sha256=',
  'sha1=757107ea',
  signature.toUpperCase(),
  `${signature}0`,
  ` ${signature}`,
  [signature],
]) {
  test(`${JSON.stringify(header)} cannot be a signature`, () => {
    assert.equal(isSignature(header), false);
  });
}

test('64 digits after sha256= can be one', () => {
  assert.equal(isSignature(signature), true);
});
