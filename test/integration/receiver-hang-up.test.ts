// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'node:test';
import { push } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';

const rig = useReceiver();

test('senders that reset their connection at any moment end nothing but their own delivery', async () => {
  const { hostname, port } = new URL(rig.receiver.url);
  const head = 'POST /webhooks/demo HTTP/1.1\r\nHost: bough\r\nContent-Type: application/json\r\nContent-Length: 9\r\n';
  for (let round = 0; round < 100; round += 1) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`${head}X-Hub-Signature-256: sha256=${'0'.repeat(64)}\r\n\r\n${'x'.repeat(round % 10)}`);
    if (round % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
  }

  assert.equal((await rig.receiver.deliver(push('still-there'))).status, 202);
  await until('they are logged', () => rig.receiver.log.some((line) => line['outcome'] === 'unanswered'));
});
