// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test, { suite } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeToken } from '../support/api.ts';
import { ownReceiver } from '../support/own-receiver.ts';
import { push, secrets, sign, type TestReceiver } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';
import { dial, type Header, headOf, onWire } from '../support/wire.ts';

const rig = useReceiver();
const MiB = 1_048_576;

const good = (branch: string) => JSON.stringify(push(branch));
const headersOf = (body: string | Buffer): Header[] => [
  ['content-type', 'application/json'],
  ['x-github-event', 'push'],
  ['x-github-delivery', `wire-${Math.random()}`],
  ['x-hub-signature-256', sign(secrets[0], body)],
];
/** A good delivery to `demo`, with further headers. */
const wired = (body: string, more: readonly Header[] = []) => onWire('demo', [...headersOf(body), ...more], body);
/** Its head alone. */
const announced = (body: string, more: readonly Header[] = []) => headOf('demo', [...headersOf(body), ...more], body);
const residentMiB = ({ pid }: TestReceiver) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

/** The most it had resident since `forgetPeak`. */
const peakMiB = ({ pid }: TestReceiver) =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
const forgetPeak = ({ pid }: TestReceiver) => writeFileSync(`/proc/${pid}/clear_refs`, '5'); // see proc_pid_clear_refs(5)

suite('how a delivery may arrive', () => {
  test('a body in chunks, without a length, is taken', async () => {
    const body = good('chunked');
    const half = Math.floor(body.length / 2);
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const { statuses, socket } = await dial(rig.receiver.url, [
      announced(body, [['transfer-encoding', 'chunked']]),
      chunk(body.slice(0, half)),
      chunk(body.slice(half)),
      '0\r\n\r\n',
    ]);

    await until('it is answered', () => statuses().length === 1);
    assert.deepEqual(statuses(), [202]);
    socket.destroy();
  });

  test('deliveries one behind the other on a connection are each answered, in their order', async () => {
    const all = ['one', 'two', 'three'].map((branch) => wired(good(branch)));
    const { statuses, received, socket } = await dial(rig.receiver.url, [Buffer.concat(all)]);

    await until('all are answered', () => statuses().length === 3);
    assert.deepEqual(statuses(), [202, 202, 202]);
    assert.equal(received().match(/"outcome":"queued"/g)?.length, 3);
    socket.destroy();
  });

  const length = String(good('x').length);
  for (const [what, statuses, headers] of [
    [
      'two different lengths',
      [400],
      [
        ['content-length', length],
        ['content-length', '5'],
      ],
    ],
    [
      'twice the same length',
      [400],
      [
        ['content-length', length],
        ['content-length', length],
      ],
    ],
    [
      'a length and chunks',
      [400],
      [
        ['content-length', length],
        ['transfer-encoding', 'chunked'],
      ],
    ],
    ['an unknown transfer encoding', [400, 501], [['transfer-encoding', 'gzip']]],
    ['a compressed body', [415], [['content-encoding', 'gzip']]],
    ['a header of 20 KiB', [431], [['x-filler', 'x'.repeat(20_480)]]],
  ] as const) {
    test(`a delivery with ${what} is refused, and nothing is queued`, async () => {
      const connection = await dial(rig.receiver.url, [wired(good('x'), headers)]);

      await until('it is answered', () => connection.statuses().length > 0);
      assert.ok((statuses as readonly number[]).includes(connection.statuses()[0] ?? 0), connection.received());
      const { outcome, reason } = connection.body();
      assert.deepEqual([outcome, typeof reason], ['rejected', 'string'], connection.received());
      assert.deepEqual(await rig.queues.waiting(), []);
      connection.socket.destroy();
    });
  }

  test('what is no request behind a delivery is not what the delivery is answered', async () => {
    rig.redis.freeze(); // or the answer would be out before
    const connection = await dial(rig.receiver.url, [wired(good('followed')), 'no request at all\r\n\r\n']);

    await connection.ended.finally(() => rig.redis.thaw());

    assert.deepEqual(connection.statuses(), []);
    await until('it is ready again', async () => (await fetch(`${rig.receiver.url}/readyz`)).ok);
  });
});

suite('large bodies', () => {
  test('at the largest limit a signed body of 25 MiB is taken, and one byte more is not', async () => {
    await using started = await ownReceiver({ bodyLimitBytes: 25 * MiB, requestTimeoutSec: 30 });
    const whole = (bytes: number) => {
      const body = JSON.stringify({ ...push('large'), filler: '' });
      return body.replace('"filler":""', `"filler":"${'x'.repeat(bytes - body.length)}"`);
    };

    assert.equal((await started.receiver.deliver(whole(25 * MiB))).status, 202);
    assert.equal((await started.receiver.deliver(whole(25 * MiB + 1))).status, 413);
  });

  test('a chunked body is given up as soon as it is too large, whatever it goes on sending', async (t) => {
    const connection = await dial(rig.receiver.url, [announced('x', [['transfer-encoding', 'chunked']])]);
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
    await using started = await ownReceiver({
      bodyLimitBytes: 25 * MiB,
      requestTimeoutSec: 10,
      refusalsPerMinute: 10_000,
    });
    const { receiver } = started;
    const part = Buffer.alloc(5 * MiB, 'x'); // of 25: what is missing never comes
    const before = residentMiB(receiver);

    const heavy = await Promise.all(
      Array.from({ length: 200 }, () =>
        dial(receiver.url, [announced('wrong', [['content-length', String(25 * MiB)]]), part]),
      ),
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

  test('a body of a million chunks of a byte takes the memory of its bytes, and a delivery is taken meanwhile', async (t) => {
    await using started = await ownReceiver({ requestTimeoutSec: 30 });
    const { receiver } = started;
    const chunks = Buffer.from('1\r\nx\r\n'.repeat(1_000_000));
    const before = residentMiB(receiver);
    forgetPeak(receiver);

    const connection = await dial(receiver.url, [announced('wrong', [['transfer-encoding', 'chunked']]), chunks]);
    const meanwhile = await receiver.deliver(push('meanwhile'));
    assert.deepEqual(connection.statuses(), []);
    connection.socket.write('0\r\n\r\n');
    await until('it is answered', () => connection.statuses().length === 1, 30_000);
    const peak = peakMiB(receiver);
    connection.socket.destroy();

    assert.deepEqual([meanwhile.status, connection.statuses()], [202, [401]]);
    t.diagnostic(`resident: ${before} MiB before, ${peak} MiB at the most`);
    assert.ok(peak < before + 50, `${before} MiB, then ${peak} MiB`);
  });

  test('the memory of all small bodies together is bounded, and a forge that is known is not held to what others hold', async (t) => {
    await using started = await ownReceiver({
      requestTimeoutSec: 20,
      refusalsPerMinute: 10_000,
      trustProxies: ['127.0.0.1'],
    });
    const { receiver } = started;
    const [known, stranger] = ['192.0.2.1', '192.0.2.2'];
    assert.equal((await receiver.deliver(push('first'), { source: known })).status, 202);
    const head = announced('wrong', [
      ['content-length', '261000'],
      ['x-forwarded-for', stranger],
    ]);
    const before = residentMiB(receiver);
    forgetPeak(receiver);

    const heavy = await Promise.all(
      Array.from({ length: 2_000 }, () => dial(receiver.url, [head, Buffer.alloc(260_999, 'x')])),
    );
    const underWay = () => heavy.filter(({ socket }) => !socket.closed).length;
    await until('no more are read than have room', () => underWay() * 261_000 <= 80 * MiB);
    const ofKnown = await receiver.deliver({ ...push('known'), filler: 'x'.repeat(MiB) }, { source: known });
    const [peak, left] = [peakMiB(receiver), underWay()];
    for (const { socket } of heavy) socket.destroy();

    assert.equal(ofKnown.status, 202);
    assert.ok(left > 200, `${left} are read on`);
    assert.ok(heavy.some(({ statuses }) => statuses().join() === '503'));
    t.diagnostic(
      `resident: ${before} MiB before, ${peak} MiB at the most with 2,000 bodies of 261,000 bytes under way`,
    );
    assert.ok(peak < before + 300, `${before} MiB, then ${peak} MiB`);
    await until('a stranger is read again', async () => {
      const { status } = await receiver.deliver(push('later'), { source: stranger });
      return status === 202;
    });
    assert.equal((await receiver.deliver(push('after'), { source: known })).status, 202);
  });
});

suite('who was refused too often', () => {
  test('is answered 429 for what is not signed well, before the body where the headers show it, and others are not', async () => {
    await using started = await ownReceiver({ refusalsPerMinute: 5, trustProxies: ['127.0.0.1'] });
    const { receiver } = started;
    const from = async (source: string, parts: object = {}) =>
      (await receiver.deliver(push('x'), { ...parts, source })).status;
    for (let time = 0; time < 5; time += 1) assert.equal(await from('192.0.2.1', { secret: 'wrong' }), 401);

    for (const parts of [{ secret: 'wrong' }, { signature: null }, { signature: 'sha256=x' }, { project: 'nobody' }])
      assert.equal(await from('192.0.2.1', parts), 429, JSON.stringify(parts));
    const framed = async (frame: Header) => {
      const head = announced('wrong', [['x-forwarded-for', '192.0.2.1'], ['expect', '100-continue'], frame]);
      return await dial(receiver.url, [head]);
    };
    const large = await framed(['content-length', String(MiB)]);
    await until('one large body is read', () => large.statuses().includes(100));
    for (const frame of [
      ['content-length', String(MiB)],
      ['transfer-encoding', 'chunked'],
    ] as const) {
      const more = await framed(frame);
      await until('it is answered without its body', () => more.statuses().some((status) => status !== 100));
      assert.equal(more.statuses().at(-1), 429);
      more.socket.destroy();
    }
    large.socket.destroy();
    assert.equal(await from('192.0.2.2', { secret: 'wrong' }), 401);
    assert.equal(await from('192.0.2.2'), 202);
  });

  test('is let in with the first delivery that is signed well, also while others from there are not, and is known from then on', async () => {
    await using started = await ownReceiver({ refusalsPerMinute: 5, trustProxies: ['127.0.0.1'] });
    const { receiver } = started;
    const from = async (source: string, parts: object = {}) =>
      (await receiver.deliver(push('x'), { ...parts, source })).status;
    for (let time = 0; time < 6; time += 1) await from('192.0.2.1', { secret: 'wrong' });
    assert.equal(await from('192.0.2.1', { secret: 'wrong' }), 429);

    assert.equal(await from('192.0.2.1'), 202);

    for (let time = 0; time < 7; time += 1) assert.equal(await from('192.0.2.1', { secret: 'wrong' }), 401);
    assert.equal(await from('192.0.2.1'), 202);
  });

  test('is let in with a large delivery too, if it is the first that is signed well', async () => {
    await using started = await ownReceiver({ refusalsPerMinute: 1, trustProxies: ['127.0.0.1'] });
    const from = async (payload: object, secret: string = secrets[0]) =>
      (await started.receiver.deliver(payload, { secret, source: '192.0.2.1' })).status;
    const large = { ...push('x'), filler: 'x'.repeat(MiB) };

    assert.equal(await from(push('x'), 'wrong'), 401);

    assert.deepEqual([await from(large, 'wrong'), await from(large)], [429, 202]);
  });

  test('has no more than eight bodies read at a time, and the next one when one of them is done', async () => {
    await using started = await ownReceiver({
      refusalsPerMinute: 1,
      trustProxies: ['127.0.0.1'],
      requestTimeoutSec: 10,
    });
    const { receiver } = started;
    const from = async () => (await receiver.deliver(push('x'), { source: '192.0.2.1' })).status;
    assert.equal((await receiver.deliver(push('x'), { source: '192.0.2.1', secret: 'wrong' })).status, 401);
    const half = announced(good('x'), [
      ['x-forwarded-for', '192.0.2.1'],
      ['expect', '100-continue'],
    ]);
    const all = await Promise.all(Array.from({ length: 8 }, () => dial(receiver.url, [half, good('x').slice(0, 9)])));
    await until('all eight are being read', () => all.every(({ statuses }) => statuses().includes(100)));
    assert.equal(await from(), 429);

    all[0]?.socket.destroy();

    await until('the next is read, and let in', async () => (await from()) === 202);
    for (const { socket } of all) socket.destroy();
  });

  test('as a client of the API is not a known forge, and as a forge is no known client', async () => {
    await using started = await ownReceiver({ refusalsPerMinute: 3, trustProxies: ['127.0.0.1'] });
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
    await using started = await ownReceiver({ refusalsPerMinute: 3, trustProxies: ['127.0.0.1'] });
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
    await using started = await ownReceiver({ allowFrom: ['192.0.2.0/24'], trustProxies: ['127.0.0.1'] });
    const deliver = (parts: object = {}) => started.receiver.deliver(push('x'), parts);

    assert.equal((await deliver({ source: '198.51.100.1' })).status, 403);
    assert.equal((await deliver({ source: '192.0.2.77' })).status, 202);
    assert.equal((await deliver()).status, 403);
  });

  test('is unknown where a trusted proxy says what is no address, and nothing of that is kept', async () => {
    await using started = await ownReceiver({ trustProxies: ['127.0.0.1'] });
    const { receiver } = started;

    await receiver.deliver(push('x'), { source: 'nonsense'.repeat(1_000), secret: 'wrong' });

    const line = await until('it is logged', () => receiver.log.find(({ msg }) => msg === 'delivery answered'));
    assert.equal(line['source'], 'unknown');
    assert.ok(!JSON.stringify(receiver.log).includes('nonsense'));
  });

  test('without a trusted proxy nobody can speak for another address', async () => {
    await using started = await ownReceiver({ allowFrom: ['192.0.2.0/24'] });

    assert.equal((await started.receiver.deliver(push('x'), { source: '192.0.2.77' })).status, 403);
  });
});
