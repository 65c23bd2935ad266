import assert from 'node:assert/strict';
import crypto, { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import test, { suite } from 'node:test';
import { isProven, readKeys, refusedByHeaders } from './signature.ts';

suite('HMAC-SHA256 over the body', () => {
  // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
  const secret = "It's a Secret to Everybody";
  const body = Buffer.from('Hello, World!');
  const proof = hmac('757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17');

  test("the example of GitHub's documentation is signed by its secret", () => {
    assert.equal(refusedByHeaders(proof, readKeys([secret]), 0), null);
    assert.equal(isProven(proof, readKeys([secret]), body), true);
  });

  test('any of several secrets may have signed', () => {
    assert.equal(isProven(proof, readKeys(['new', secret]), body), true);
    assert.equal(isProven(proof, readKeys([secret, 'old']), body), true);
  });

  test('another secret, other bytes and no secret at all have not signed', () => {
    assert.equal(isProven(proof, readKeys(['another']), body), false);
    assert.equal(isProven(proof, readKeys([secret]), Buffer.from('Hello, World')), false);
    assert.equal(isProven(proof, readKeys([secret]), Buffer.alloc(0)), false);
    assert.equal(isProven(proof, readKeys([]), body), false);
  });

  test('bytes that are no UTF-8 are compared as they are', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    const ofBytes = hmac('c72b1bb027222a93e89f1fd147ead724aa3acd40833c3db0dc1e2c70358948d0');

    assert.equal(isProven(ofBytes, readKeys(['s']), Buffer.from(bytes.toString())), false);
    assert.equal(isProven(ofBytes, readKeys(['s']), bytes), true);
  });
});

suite('a token', () => {
  const token = (text: string) => ({ scheme: 'token', token: text }) as const;

  test('any of several secrets may be the token, and a wrong one is refused by the headers alone', () => {
    assert.equal(refusedByHeaders(token('old'), readKeys(['new', 'old']), 0), null);
    assert.equal(isProven(token('old'), readKeys(['new', 'old']), Buffer.alloc(0)), true);
    for (const wrong of ['ol', 'old ', 'Old', 'x'.repeat(10_000)]) {
      assert.equal(refusedByHeaders(token(wrong), readKeys(['new', 'old']), 0), 'the token is wrong');
      assert.equal(isProven(token(wrong), readKeys(['new', 'old']), Buffer.alloc(0)), false);
    }
  });

  test('a token that is not ASCII is compared byte for byte, as it comes in a header', async () => {
    const secret = 'gezeiten ünd mehr ✓';
    const { promise, resolve } = Promise.withResolvers<string>();
    const server = createServer((request, response) => {
      resolve(String(request.headers['x-gitlab-token']));
      response.end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
    socket.end(`GET / HTTP/1.1\r\nHost: x\r\nX-Gitlab-Token: ${secret}\r\nConnection: close\r\n\r\n`);
    const received = await promise;
    server.close();

    assert.equal(refusedByHeaders(token(received), readKeys([secret]), 0), null);
    assert.equal(isProven(token(received), readKeys([secret]), Buffer.alloc(0)), true);
    assert.equal(isProven(token(received), readKeys(['gezeiten and mehr']), Buffer.alloc(0)), false);
  });

  test('a key to sign with is no token', () => {
    assert.equal(isProven(token('whsec_c2VjcmV0'), readKeys(['whsec_c2VjcmV0']), Buffer.alloc(0)), false);
  });
});

suite('Standard Webhooks', () => {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  const key = Buffer.alloc(32, 7);
  const secret = `whsec_${key.toString('base64')}`;
  const now = 1_700_000_000;
  const body = Buffer.from('{"a":1}');
  const digestOf = (id: string, timestamp: number, bytes = body, by = key) =>
    createHmac('sha256', by).update(`${id}.${timestamp}.`).update(bytes).digest('base64');
  const proof = (...digests: string[]) =>
    ({ scheme: 'standard-webhooks', id: 'msg_1', timestamp: now, digests }) as const;

  test('any of several signatures may fit any of several keys', () => {
    const good = digestOf('msg_1', now);
    const other = digestOf('msg_1', now, body, Buffer.alloc(32, 8));

    assert.equal(isProven(proof(good), readKeys([secret]), body), true);
    assert.equal(isProven(proof(other, good), readKeys(['a token', secret]), body), true);
    assert.equal(isProven(proof(other), readKeys([secret]), body), false);
  });

  test('another id, another time and another body were not signed', () => {
    for (const digest of [
      digestOf('msg_2', now),
      digestOf('msg_1', now + 1),
      digestOf('msg_1', now, Buffer.from('{}')),
    ])
      assert.equal(isProven(proof(digest), readKeys([secret]), body), false);
  });

  test('a token is no key to sign with', () => {
    const digest = digestOf('msg_1', now, body, Buffer.from('a token'));

    assert.equal(
      isProven(proof(digest), readKeys(['a token', Buffer.from('a token').toString('base64')]), body),
      false,
    );
  });

  test('a signature more than five minutes old, or from the future, is refused by the headers alone', () => {
    for (const [offset, refused] of [
      [0, false],
      [300, false],
      [-300, false],
      [301, true],
      [-301, true],
    ] as const) {
      assert.equal(refusedByHeaders(proof(digestOf('msg_1', now)), readKeys([secret]), now + offset) !== null, refused);
    }
  });
});

test('no proof is refused by the headers alone', () => {
  assert.equal(refusedByHeaders(null, readKeys(['s']), 0), 'the signature is missing or malformed');
});

function hmac(digest: string) {
  return { scheme: 'hmac-sha256', digest } as const;
}

suite('which secret fits cannot be told from the time', () => {
  const body = Buffer.from('body');
  const keys = readKeys(['one', 'two', 'three']);
  const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const signing = readKeys([first, second].map((key) => `whsec_${key.toString('base64')}`));
  const digest = (key: Buffer) => createHmac('sha256', key).update('id.0.').update(body).digest('base64');
  const none = digest(Buffer.alloc(32, 3));

  for (const [what, proof, by, compared] of [
    ['an HMAC', hmac(createHmac('sha256', 'one').update(body).digest('hex')), keys, 3],
    ['a token', { scheme: 'token', token: 'one' }, keys, 3],
    [
      'each of several signatures',
      { scheme: 'standard-webhooks', id: 'id', timestamp: 0, digests: [digest(first), none, digest(second)] },
      signing,
      6, // each by each
    ],
  ] as const) {
    test(`${what} is compared with all of them, also where the first one fits`, (t) => {
      const compare = t.mock.method(crypto, 'timingSafeEqual');
      syncBuiltinESMExports();
      t.after(() => {
        compare.mock.restore();
        syncBuiltinESMExports();
      });

      assert.equal(isProven(proof, by, body), true);
      assert.equal(compare.mock.callCount(), compared);
    });
  }
});
