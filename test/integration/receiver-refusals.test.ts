// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import test, { suite } from 'node:test';
import { push, secrets, sign } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';

const rig = useReceiver();

suite('what is refused', () => {
  const good = JSON.stringify(push('x'));
  const tooLarge = JSON.stringify({ ...push('x'), filler: 'x'.repeat(5_242_880) });

  for (const [what, status, body, parts] of [
    ['a delivery without a signature', 401, good, { signature: null }],
    ['a signature of another kind', 401, good, { signature: 'sha1=0123' }],
    ['a signature in capitals', 401, good, { signature: sign(secrets[0], good).toUpperCase() }],
    ['a signature of other bytes', 401, `${good} `, { signature: sign(secrets[0], good) }],
    ["another project's signature", 401, good, { secret: 'of the other project' }],
    ['a wrong signature of what is no JSON', 401, '{', { secret: 'wrong' }],
    ['an unsigned body that is too large', 401, tooLarge, { signature: null }],
    ['an unknown project', 404, good, { project: 'nobody' }],
    ['an unknown project without a signature', 404, good, { project: 'nobody', signature: null }],
    ['a project by the name of a property', 404, good, { project: '__proto__' }],
    ['a compressed body', 415, good, { encoding: 'gzip' }],
    ['a body that is no JSON', 400, '{"ref":', {}],
    ['an empty body', 400, '', {}],
    ['a body that is no UTF-8', 400, Buffer.from([0x22, 0xff, 0x22]), {}],
    ['a delivery without an id', 400, good, { delivery: null }],
    ['a delivery without an event', 400, good, { event: null }],
    ['an event that is no word', 400, good, { event: 'push; rm' }],
    ['a push without a ref', 422, '{"after":"x"}', {}],
    ['a push of an abbreviated commit', 422, JSON.stringify(push('x', { after: 'abc123' })), {}],
    ['a push that is a list', 422, '[]', {}],
    ['a push that is null', 422, 'null', {}],
    ['a body that is too large', 413, tooLarge, {}],
    ['a form', 415, 'payload=%7B%7D', { contentType: 'application/x-www-form-urlencoded' }],
    ['text', 415, good, { contentType: 'text/plain' }],
  ] as const) {
    test(`${what} is answered ${status}, and nothing is queued`, async () => {
      const answer = await rig.receiver.deliver(body, parts);

      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.equal(answer.body.outcome, 'rejected');
      assert.ok(answer.body.reason);
      assert.deepEqual(await rig.queues.waiting(), []);
    });
  }

  test('a signature under the older of two secrets is right too', async () => {
    assert.equal((await rig.receiver.deliver(push('x'), { secret: secrets[1] })).status, 202);
  });

  test('application/json with a charset is application/json', async () => {
    assert.equal(
      (await rig.receiver.deliver(push('x'), { contentType: 'application/json; charset=utf-8' })).status,
      202,
    );
  });

  test('GET is answered 404', async () => {
    assert.equal((await fetch(`${rig.receiver.url}/webhooks/demo`)).status, 404);
  });

  test('a body that never ends is given up after about ten seconds', async () => {
    const start = performance.now();
    const status = await sendHalf(`${rig.receiver.url}/webhooks/demo`);

    const seconds = (performance.now() - start) / 1000;
    assert.ok(seconds > 5 && seconds < 13, `${seconds} s`);
    assert.ok(status === null || status === 408, String(status));
  });
});

suite('the log', () => {
  test('a delivery whose sender hung up leaves its line too', async () => {
    await sendHalf(`${rig.receiver.url}/webhooks/demo`, { hangUp: true });

    await until('it is logged', () =>
      rig.receiver.log.some((line) => line['delivery'] === 'hung-up' && line['outcome'] === 'unanswered'),
    );
  });

  test('a delivery leaves exactly one line, which says what became of it', async () => {
    const answer = await rig.receiver.deliver(push('logged'), { delivery: 'the-logged-one' });

    const lines = await until('the delivery is logged', () => {
      const found = rig.receiver.log.filter((line) => line['delivery'] === 'the-logged-one');
      return found.length > 0 && found;
    });
    assert.equal(lines.length, 1);
    const { level, delivery, project, event, status, outcome, job, msg } = lines[0] ?? {};
    assert.deepEqual(
      { level, delivery, project, event, status, outcome, job, msg },
      {
        level: 30,
        delivery: 'the-logged-one',
        project: 'demo',
        event: 'push',
        status: 202,
        outcome: 'queued',
        job: answer.body.job,
        msg: 'delivery answered',
      },
    );
  });

  test('no line of all these deliveries holds a secret, a signature or a password', () => {
    const text = JSON.stringify(rig.receiver.log);

    assert.ok(rig.receiver.log.length > 20);
    assert.ok(!text.includes('sha256='));
    for (const secret of [...secrets, 'of the other project', rig.receiver.board.password])
      assert.ok(!text.includes(secret));
  });
});

/**
 * Announces 1000 bytes, sends 10, and hangs up or waits. Resolves with the status, or `null` where the connection just
 * ends.
 */
function sendHalf(url: string, { hangUp = false } = {}): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const headers = {
    'content-type': 'application/json',
    'content-length': 1000,
    'x-github-delivery': hangUp ? 'hung-up' : 'half',
    'x-hub-signature-256': sign('x', 'x'),
  };
  const sent = request(url, { method: 'POST', headers });
  sent.on('response', (response) => {
    response.resume();
    resolve(response.statusCode ?? null);
  });
  sent.on('error', () => resolve(null));
  sent.write('0123456789', () => hangUp && sent.destroy());
  return promise;
}
