// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import test, { suite } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeToken } from '../support/api.ts';
import { push, secrets, sign, startReceiver, type TestReceiver } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { createTestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const rig = useReceiver();
const MiB = 1_048_576;
const timeoutSec = 2;

/** A receiver that waits for requests no longer than a test wants to. */
async function impatient(settings: object = {}) {
  await using made = new AsyncDisposableStack();
  const redis = made.use(await createTestRedis());
  const receiver = made.use(await startReceiver(redis.url, {}, { requestTimeoutSec: timeoutSec, ...settings }));
  await until('it is ready', async () => (await fetch(`${receiver.url}/readyz`)).ok);
  const all = made.move();
  return { receiver, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** A connection, with all it was sent. */
async function dial({ url }: TestReceiver, ...texts: (string | Buffer)[]) {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  socket.on('error', () => undefined);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>(); // by an error or without
  socket.on('close', () => end());
  await once(socket, 'connect');
  for (const each of texts) socket.write(each);
  return {
    socket,
    ended,
    received: () => received,
    statuses: () => [...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status)),
  };
}

/** A delivery as it goes over the wire; `headers` are further lines, or replace those of the same name. */
function onWire(body: string | Buffer, headers: readonly string[] = [], length: string | null = null): string {
  const lines = [
    'POST /webhooks/demo HTTP/1.1',
    'Host: bough',
    'Content-Type: application/json',
    'X-GitHub-Event: push',
    `X-GitHub-Delivery: wire-${Math.random()}`,
    `X-Hub-Signature-256: ${sign(secrets[0], body)}`,
    length ?? `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return `${lines.filter((line) => line !== '').join('\r\n')}\r\n\r\n`;
}

const good = (branch: string) => JSON.stringify(push(branch));
const residentMiB = ({ pid }: TestReceiver) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

suite('how a delivery may arrive', () => {
  test('a body in chunks, without a length, is taken', async () => {
    const body = good('chunked');
    const half = Math.floor(body.length / 2);
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const { statuses, socket } = await dial(
      rig.receiver,
      onWire(body, [], 'Transfer-Encoding: chunked'),
      chunk(body.slice(0, half)),
      chunk(body.slice(half)),
      '0\r\n\r\n',
    );

    await until('it is answered', () => statuses().length === 1);
    assert.deepEqual(statuses(), [202]);
    socket.destroy();
  });

  test('deliveries one behind the other on a connection are each answered, in their order', async () => {
    const bodies = ['one', 'two', 'three'].map(good);
    const all = bodies.map((body) => onWire(body) + body).join('');
    const { statuses, received, socket } = await dial(rig.receiver, all);

    await until('all are answered', () => statuses().length === 3);
    assert.deepEqual(statuses(), [202, 202, 202]);
    assert.equal(received().match(/"outcome":"queued"/g)?.length, 3);
    socket.destroy();
  });

  for (const [what, statuses, headers, length] of [
    ['two signatures', [401], [`X-Hub-Signature-256: ${sign(secrets[0], good('x'))}`], null],
    ['two delivery ids', [400], ['X-GitHub-Delivery: another'], null],
    ['two events', [400], ['X-GitHub-Event: ping'], null],
    ['two different lengths', [400], ['Content-Length: 5'], null],
    ['a length and chunks', [400], ['Transfer-Encoding: chunked'], null],
    ['an unknown transfer encoding', [400, 501], [], 'Transfer-Encoding: gzip'],
    ['a compressed body', [415], ['Content-Encoding: gzip'], null],
    ['a header of 20 KiB', [431], [`X-Filler: ${'x'.repeat(20_480)}`], null],
  ] as const) {
    test(`a delivery with ${what} is refused, and nothing is queued`, async () => {
      const body = good('x');
      const connection = await dial(rig.receiver, onWire(body, headers, length) + body);

      await until('it is answered', () => connection.statuses().length > 0);
      assert.ok((statuses as readonly number[]).includes(connection.statuses()[0] ?? 0), connection.received());
      assert.deepEqual(await rig.queues.waiting(), []);
      connection.socket.destroy();
    });
  }
});

suite('slow and half-open clients', () => {
  test('whoever sends nothing, half a header, or half a body is let go when the time is up, and others are served', async () => {
    await using started = await impatient();
    const { receiver } = started;
    const start = performance.now();
    const slow = await Promise.all([
      dial(receiver),
      dial(receiver, 'POST /webhooks/demo HTTP/1.1\r\nHost: bo'),
      dial(receiver, onWire(good('x')), '{"half'),
      dial(receiver, onWire(good('x'), [], 'Transfer-Encoding: chunked'), '5\r\n{"hal'),
    ]);
    const drip = await dial(receiver, onWire(good('x')));
    const dripping = setInterval(() => drip.socket.write(' '), 100);

    assert.equal((await receiver.deliver(push('served'))).status, 202);
    await Promise.all([...slow, drip].map(({ ended }) => ended));
    clearInterval(dripping);
    assert.ok(performance.now() - start >= timeoutSec * 1_000 - 50);
    assert.equal((await receiver.deliver(push('served-too'))).status, 202);
  });

  test('a thousand idle connections do not keep a delivery from being taken, and are let go', async (t) => {
    await using started = await impatient();
    const { receiver } = started;
    const before = residentMiB(receiver);

    const idle = await Promise.all(Array.from({ length: 1_000 }, () => dial(receiver)));
    const answer = await receiver.deliver(push('among-many'));
    const during = residentMiB(receiver);
    await Promise.all(idle.map(({ ended }) => ended));

    assert.equal(answer.status, 202);
    t.diagnostic(`resident: ${before} MiB before, ${during} MiB with 1,000 idle connections`);
    assert.ok(during < before + 100, `${before} MiB, then ${during} MiB`);
  });
});

suite('large bodies', () => {
  test('at the largest limit a signed body of 25 MiB is taken, and one byte more is not', async () => {
    await using started = await impatient({ bodyLimitBytes: 25 * MiB, requestTimeoutSec: 30 });
    const whole = (bytes: number) => {
      const body = JSON.stringify({ ...push('large'), filler: '' });
      return body.replace('"filler":""', `"filler":"${'x'.repeat(bytes - body.length)}"`);
    };

    assert.equal((await started.receiver.deliver(whole(25 * MiB))).status, 202);
    assert.equal((await started.receiver.deliver(whole(25 * MiB + 1))).status, 413);
  });

  test('a chunked body is given up as soon as it is too large, whatever it goes on sending', async (t) => {
    const connection = await dial(rig.receiver, onWire('x', [], 'Transfer-Encoding: chunked'));
    const chunk = `${MiB.toString(16)}\r\n${'x'.repeat(MiB)}\r\n`;
    const sending = setInterval(() => connection.socket.write(chunk), 5);
    t.after(() => clearInterval(sending));

    await until('it is answered', () => connection.statuses().length === 1);
    await connection.ended;
    assert.deepEqual(connection.statuses(), [413]);
  });

  test('a compressed bomb is refused before it is read', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MiB));
    const before = residentMiB(rig.receiver);

    const answer = await rig.receiver.deliver(bomb, { encoding: 'gzip' });

    assert.equal(answer.status, 415);
    assert.ok(residentMiB(rig.receiver) < before + 50);
  });

  test('the memory of two hundred large bodies nobody signed is bounded, and small deliveries are taken meanwhile', async (t) => {
    await using started = await impatient({
      bodyLimitBytes: 25 * MiB,
      requestTimeoutSec: 10,
      refusalsPerMinute: 10_000,
    });
    const { receiver } = started;
    const part = Buffer.alloc(5 * MiB, 'x'); // of 25: what is missing never comes
    const before = residentMiB(receiver);

    const heavy = await Promise.all(
      Array.from({ length: 200 }, () => dial(receiver, onWire('wrong', [], `Content-Length: ${25 * MiB}`), part)),
    );
    await until('some are refused', () => heavy.some(({ statuses }) => statuses().includes(503)), 30_000);
    const answers = await Promise.all([1, 2, 3].map((number) => receiver.deliver(push(`small-${number}`))));
    const during = residentMiB(receiver);
    for (const { socket } of heavy) socket.destroy();

    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202, 202],
    );
    t.diagnostic(`resident: ${before} MiB before, ${during} MiB with 200 bodies of 25 MiB under way`);
    assert.ok(during < before + 450, `${before} MiB, then ${during} MiB`);
  });
});

suite('who was refused too often', () => {
  test('is answered 429 for what is not signed well, before the body where the headers show it, and others are not', async () => {
    await using started = await impatient({ refusalsPerMinute: 5, trustProxies: ['127.0.0.1'] });
    const { receiver } = started;
    const from = async (source: string, parts: object = {}) =>
      (await receiver.deliver(push('x'), { ...parts, source })).status;
    for (let time = 0; time < 5; time += 1) assert.equal(await from('192.0.2.1', { secret: 'wrong' }), 401);

    for (const parts of [{ secret: 'wrong' }, { signature: null }, { signature: 'sha256=x' }, { project: 'nobody' }])
      assert.equal(await from('192.0.2.1', parts), 429, JSON.stringify(parts));
    const announced = [onWire('wrong', [`X-Forwarded-For: 192.0.2.1`], `Content-Length: ${MiB}`)];
    const large = await dial(receiver, ...announced);
    await until('it is answered without its body', () => large.statuses().length > 0);
    assert.deepEqual(large.statuses(), [429]);
    large.socket.destroy();
    assert.equal(await from('192.0.2.2', { secret: 'wrong' }), 401);
    assert.equal(await from('192.0.2.2'), 202);
  });

  test('is let in with the first delivery that is signed well, also while others from there are not, and is known from then on', async () => {
    await using started = await impatient({ refusalsPerMinute: 5, trustProxies: ['127.0.0.1'] });
    const { receiver } = started;
    const from = async (source: string, parts: object = {}) =>
      (await receiver.deliver(push('x'), { ...parts, source })).status;
    for (let time = 0; time < 6; time += 1) await from('192.0.2.1', { secret: 'wrong' });
    assert.equal(await from('192.0.2.1', { secret: 'wrong' }), 429);

    assert.equal(await from('192.0.2.1'), 202);

    for (let time = 0; time < 7; time += 1) assert.equal(await from('192.0.2.1', { secret: 'wrong' }), 401);
    assert.equal(await from('192.0.2.1'), 202);
  });

  test('has no more than eight bodies read at a time, and the next one when one of them is done', async () => {
    await using started = await impatient({ refusalsPerMinute: 1, trustProxies: ['127.0.0.1'], requestTimeoutSec: 10 });
    const { receiver } = started;
    const source = 'X-Forwarded-For: 192.0.2.1';
    const from = async () => (await receiver.deliver(push('x'), { source: '192.0.2.1' })).status;
    assert.equal((await receiver.deliver(push('x'), { source: '192.0.2.1', secret: 'wrong' })).status, 401);
    const half = async () => await dial(receiver, onWire(good('x'), [source]), good('x').slice(0, 9));
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, half));
    await until(
      'all eight are being read',
      async () =>
        (await receiver.deliver('{', { source: '192.0.2.1', secret: 'wrong' })).status === 429 &&
        (await from()) === 429,
    );

    first?.socket.destroy();

    await until('the next is read, and let in', async () => (await from()) === 202);
    for (const { socket } of others) socket.destroy();
  });

  test('as a client of the API is not a known forge, and as a forge is no known client', async () => {
    await using started = await impatient({ refusalsPerMinute: 3, trustProxies: ['127.0.0.1'] });
    const { receiver } = started;
    const token = await makeToken(receiver.tokens, 'reader', ['read']);
    const ask = async (source: string, secret: string) => {
      const headers = { authorization: `Bearer ${secret}`, 'x-forwarded-for': source };
      return (await fetch(`${receiver.url}/api/projects`, { headers })).status;
    };
    const deliver = async (source: string, secret: string = secrets[0]) =>
      (await receiver.deliver(push('x'), { source, secret })).status;
    assert.equal(await ask('192.0.2.1', token), 200);
    assert.equal(await deliver('192.0.2.2'), 202);

    for (const source of ['192.0.2.1', '192.0.2.2'])
      for (let time = 0; time < 3; time += 1) assert.equal(await deliver(source, 'wrong'), 401);

    assert.deepEqual([await deliver('192.0.2.1', 'wrong'), await ask('192.0.2.1', token)], [429, 200]);
    assert.deepEqual([await deliver('192.0.2.2', 'wrong'), await ask('192.0.2.2', token)], [401, 429]);
  });

  test('with wrong passwords of the board is answered 429, the right one too, and others are not', async () => {
    await using started = await impatient({ refusalsPerMinute: 3, trustProxies: ['127.0.0.1'] });
    const { url, board } = started.receiver;
    const ask = (source: string, password: string | null, path = '/board/') =>
      fetch(url + path, {
        headers: {
          'x-forwarded-for': source,
          ...(password === null ? {} : { authorization: `Basic ${btoa(`${board.user}:${password}`)}` }),
        },
      });
    for (let time = 0; time < 9; time += 1) assert.equal((await ask('192.0.2.1', null)).status, 401); // no guess at all
    for (const path of ['/board/', '/board/api/queues', '/deliveries'])
      assert.equal((await ask('192.0.2.1', 'wrong', path)).status, 401);

    const refused = await ask('192.0.2.1', board.password);

    assert.equal(refused.status, 429);
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 20, `${wait} s`);
    assert.equal((await ask('192.0.2.1', board.password, '/deliveries')).status, 429);
    for (let time = 0; time < 9; time += 1) assert.equal((await ask('192.0.2.2', board.password)).status, 200);
    assert.equal((await started.receiver.deliver(push('x'), { source: '192.0.2.1' })).status, 202);
  });

  test('an address that is not allowed is answered 403, however well it signs', async () => {
    await using started = await impatient({ allowFrom: ['192.0.2.0/24'], trustProxies: ['127.0.0.1'] });
    const deliver = (parts: object = {}) => started.receiver.deliver(push('x'), parts);

    assert.equal((await deliver({ source: '198.51.100.1' })).status, 403);
    assert.equal((await deliver({ source: '192.0.2.77' })).status, 202);
    assert.equal((await deliver()).status, 403);
  });

  test('without a trusted proxy nobody can speak for another address', async () => {
    await using started = await impatient({ allowFrom: ['192.0.2.0/24'] });

    assert.equal((await started.receiver.deliver(push('x'), { source: '192.0.2.77' })).status, 403);
  });
});
