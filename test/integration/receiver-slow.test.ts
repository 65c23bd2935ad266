// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { suite } from 'node:test';
import { push, secrets, sign } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';
import { type Connection, dial, type Header, headOf, onWire } from '../support/wire.ts';

const timeoutSec = 2;
const lookEverySec = 1; // so often Node looks for who is late
const caddyKeepsSec = 120; // an idle connection to what it stands before, unless told otherwise
/** By when whoever is late is let go; the rest is what a busy machine takes. */
const lateMs = (timeoutSec + lookEverySec) * 1_000 + 8_000;

const rig = useReceiver({}, { requestTimeoutSec: timeoutSec });
const headersOf = (body: string, more: readonly Header[] = []): Header[] => [
  ['content-type', 'application/json'],
  ['x-github-event', 'push'],
  ['x-github-delivery', `slow-${Math.random()}`],
  ['x-hub-signature-256', sign(secrets[0], body)],
  ...more,
];
const good = (branch: string) => JSON.stringify(push(branch));
const delivery = (branch: string, more: readonly Header[] = []) =>
  onWire('demo', headersOf(good(branch), more), good(branch));
const residentMiB = () =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${rig.receiver.pid}/status`, 'utf8'))?.[1]) / 1024);

/** How long a connection lasts from now, in ms: until some deadline. */
async function lasts({ socket }: Connection, withinMs = lateMs): Promise<number> {
  const from = performance.now();
  await until('the connection is ended', () => socket.closed, withinMs);
  return performance.now() - from;
}

suite('whoever is late is let go when the time is up, not before and not much later, and others are served', () => {
  const half = headOf('demo', headersOf('x', [['content-length', '1000']]), '');
  const chunked = headOf('demo', headersOf('x', [['transfer-encoding', 'chunked']]), '');
  for (const [what, texts, drip] of [
    ['who sends nothing', [], null],
    ['who sends half a header', ['POST /webhooks/demo HTTP/1.1\r\nHost: bo'], null],
    ['who sends half a body', [half, '{"half'], null],
    ['who sends half a chunk', [chunked, '5\r\n{"hal'], null],
    ['who sends a body byte by byte', [half], ' '],
    ['who sends headers byte by byte', ['POST /webhooks/demo HTTP/1.1\r\nx: '], 'x'],
  ] as const) {
    test(what, async (t) => {
      const { receiver } = rig;
      const slow = await dial(receiver.url, texts);
      const dripping = setInterval(() => drip !== null && slow.socket.write(drip), 100);
      t.after(() => clearInterval(dripping));

      const [ms] = await Promise.all([
        lasts(slow),
        receiver.deliver(push('served')).then(({ status }) => assert.equal(status, 202)),
      ]);

      assert.ok(ms >= timeoutSec * 1_000 - 50, `${ms} ms`);
      // An answer may be lost to whoever writes on while the connection is ended.
      if (drip === null || slow.statuses().length > 0) assert.deepEqual(slow.statuses(), [408], slow.received());
      if (slow.statuses().length > 0)
        assert.deepEqual(slow.body(), { outcome: 'rejected', reason: 'the request was not there whole in time' });
    });
  }
});

suite('half-open, idle and deaf connections', () => {
  test('whoever ends its own side behind a delivery and waits is let go at once, and the delivery is taken', async () => {
    const connection = await dial(rig.receiver.url, [delivery('half-closed')], { halfOpen: true });
    connection.socket.end();

    await lasts(connection, timeoutSec * 1_000);

    // Node ends its side too, mostly before there is an answer: who sends it again is told so.
    assert.ok(
      connection.statuses().every((status) => status === 202),
      connection.received(),
    );
    await until('it is queued', async () =>
      (await rig.queues.waiting()).some(({ branch }) => branch === 'half-closed'),
    );
  });

  test('whoever ends its own side within a delivery is let go at once, and nothing is taken', async () => {
    const whole = delivery('cut');
    const connection = await dial(rig.receiver.url, [whole.subarray(0, whole.length - 5)], { halfOpen: true });
    connection.socket.end();

    await lasts(connection, timeoutSec * 1_000);

    assert.ok(
      connection.statuses().every((status) => status >= 400),
      connection.received(),
    );
    assert.ok(!(await rig.queues.waiting()).some(({ branch }) => branch === 'cut'));
  });

  test('an idle connection is kept longer than a request may take, and than Caddy keeps it, and serves another delivery', async () => {
    const connection = await dial(rig.receiver.url, [delivery('first')]);
    await until('it is answered', () => connection.statuses().length === 1);
    await lasts(await dial(rig.receiver.url)); // one that was never used is let go meanwhile

    connection.socket.write(delivery('second'));

    await until('it is answered again', () => connection.statuses().length === 2);
    assert.deepEqual(connection.statuses(), [202, 202]);
    const keptSec = Number(/^keep-alive: timeout=(\d+)\r$/im.exec(connection.received())?.[1]);
    assert.ok(keptSec > caddyKeepsSec, `${keptSec} s`);
    connection.socket.destroy();
  });

  test('whoever goes on asking and never reads an answer costs little memory, and is let go', async (t) => {
    const { receiver } = rig;
    const before = residentMiB();
    const deaf = await dial(receiver.url);
    deaf.socket.pause();
    const many = Buffer.from('GET /api/openapi.json HTTP/1.1\r\nhost: bough\r\n\r\n'.repeat(20)); // its longest answer to whoever asks
    const asking = setInterval(() => deaf.socket.writableLength === 0 && deaf.socket.write(many), 5);
    t.after(() => clearInterval(asking));
    let most = 0;
    const looking = setInterval(() => (most = Math.max(most, residentMiB())), 50);
    t.after(() => clearInterval(looking));

    const [ms] = await Promise.all([
      lasts(deaf, 3 * lateMs), // it is late only once nothing more fits between the two
      receiver.deliver(push('served')).then(({ status }) => assert.equal(status, 202)),
    ]);

    t.diagnostic(`resident: ${before} MiB before, ${most} MiB at most; let go after ${Math.round(ms)} ms`);
    assert.ok(most < before + 100, `${before} MiB, then ${most} MiB`);
    assert.equal((await receiver.deliver(push('served-too'))).status, 202);
  });

  test('a thousand idle connections do not keep a delivery from being taken, and are let go', async (t) => {
    const { receiver } = rig;
    const before = residentMiB();

    const idle = await Promise.all(Array.from({ length: 1_000 }, () => dial(receiver.url)));
    const answer = await receiver.deliver(push('among-many'));
    const during = residentMiB();
    await until('all are let go', () => idle.every(({ socket }) => socket.closed), lateMs);

    assert.equal(answer.status, 202);
    t.diagnostic(`resident: ${before} MiB before, ${during} MiB with 1,000 idle connections`);
    assert.ok(during < before + 100, `${before} MiB, then ${during} MiB`);
  });
});
