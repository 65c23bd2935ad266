// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { suite } from 'node:test';
import { ForgeName } from '@bough/core/forge/forge-name.ts';
import { forges } from '@bough/core/forge/forges.ts';
import { makeToken } from '../support/api.ts';
import { forgeHeaders, isProof, signingSecret, updateOf } from '../support/forge-deliveries.ts';
import { ownReceiver } from '../support/own-receiver.ts';
import { push, secrets, sign } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';
import { dial, type Header, onWire } from '../support/wire.ts';

const secretOf = (forge: ForgeName): string => `the secret of ${forge}`;
const senders = [
  ...ForgeName.options.map((forge) => ({ project: forge, forge, secret: secretOf(forge) })),
  { project: 'signed', forge: 'gitlab', secret: signingSecret },
] as const;
const rig = useReceiver(
  Object.fromEntries(
    senders.map(({ project, forge, secret }) => [project, { secrets: [secret], settings: { forge } }]),
  ),
);

/** Sends just these bytes and gives the status of the one answer. */
async function answerTo(url: string, bytes: Buffer): Promise<number> {
  const { socket, statuses } = await dial(url, [bytes]);
  await until('it is answered', () => statuses().length > 0);
  socket.destroy();
  assert.equal(statuses().length, 1);
  return statuses()[0] ?? 0;
}

/** What a second header of that name leads to, behind the first and before it. */
function expected(forge: ForgeName, name: string, scheme: string): readonly [behind: number, before: number] {
  const { eventHeader, deliveryHeaders } = forges[forge];
  if (name === 'webhook-signature') return [401, 202]; // a list by its specification, of which one has to be right
  if (isProof(name) && isRead(forge, name)) return [401, 401];
  if (scheme === 'signed' && /^webhook-(id|timestamp)$/.test(name)) return [401, 401]; // they are signed
  const idHeader = scheme === 'signed' ? 'webhook-id' : deliveryHeaders.find((one) => one in sample(forge));
  if (name === eventHeader || name === idHeader) return [400, 400];
  return name === 'content-type' ? [202, 415] : [202, 202]; // the first counts
}
const sample = (forge: ForgeName) => forgeHeaders(forge, { event: 'x', delivery: 'x', secret: 'x', body: '' });
const isRead = (forge: ForgeName, name: string) =>
  forges[forge].verifications.some((one) => 'header' in one && one.header === name);

for (const { project, forge, secret } of senders) {
  suite(`a header that ${project} sends twice`, () => {
    const { event, body } = updateOf(forge);
    const text = JSON.stringify(body);
    const fresh = () => forgeHeaders(forge, { event, delivery: randomUUID(), secret, body: text });

    for (const name of Object.keys(fresh())) {
      test(`${name}: none is taken that is not proven, and one read is never another than the one proven`, async () => {
        const [behind, before] = expected(forge, name, project);
        for (const [place, status] of [
          ['behind', behind],
          ['before', before],
        ] as const) {
          const headers: Header[] = Object.entries(fresh());
          const index = headers.findIndex(([one]) => one === name);
          const second: Header = [name, name === 'content-type' ? 'text/plain' : 'another'];
          const twice = headers.toSpliced(place === 'behind' ? index + 1 : index, 0, second);

          await rig.queues.empty();
          assert.equal(await answerTo(rig.receiver.url, onWire(project, twice, text)), status, place);
          assert.equal((await rig.queues.waiting()).length, status === 202 ? 1 : 0, place);
        }
      });
    }

    test('each of them twice with the same value is as good as once, or refused, and never two deliveries', async () => {
      for (const name of Object.keys(fresh())) {
        await rig.queues.empty();
        const headers = Object.entries(fresh());
        const once = headers.find(([one]) => one === name) ?? ['', ''];

        const status = await answerTo(rig.receiver.url, onWire(project, [...headers, once], text));

        assert.ok([202, 400, 401].includes(status), `${name}: ${status}`);
        assert.equal((await rig.queues.waiting()).length, status === 202 ? 1 : 0, name);
      }
    });
  });
}

suite('headers any request may have twice', () => {
  test('of two X-Forwarded-For what the trusted proxy added last counts, whatever was sent before it', async () => {
    await using started = await ownReceiver({ allowFrom: ['192.0.2.0/24'], trustProxies: ['127.0.0.1'] });
    const from = (...sources: readonly string[]) => {
      const body = JSON.stringify(push('x'));
      const headers: Header[] = [
        ['content-type', 'application/json'],
        ['x-github-event', 'push'],
        ['x-github-delivery', randomUUID()],
        ['x-hub-signature-256', sign(secrets[0], body)],
        ...sources.map((source) => ['x-forwarded-for', source] as const),
      ];
      return answerTo(started.receiver.url, onWire('demo', headers, body));
    };

    assert.equal(await from('192.0.2.7', '198.51.100.1'), 403);
    assert.equal(await from('192.0.2.7, 192.0.2.8', '198.51.100.1'), 403);
    assert.equal(await from('198.51.100.1', '192.0.2.7'), 202);
    assert.equal(await from('nonsense', '192.0.2.7'), 202);
    assert.equal(await from('192.0.2.7', 'nonsense'), 403);
  });

  test('of two Authorization the first counts, at the board and at the API: a right one behind a wrong one lets nobody in', async () => {
    const { url, board, tokens } = rig.receiver;
    const token = await makeToken(tokens, 'twice', ['read']);
    const right = `Basic ${btoa(`${board.user}:${board.password}`)}`;
    const wrong = `Basic ${btoa(`${board.user}:wrong`)}`;
    const ask = (path: string, ...all: readonly string[]) => {
      const lines = all.map((value) => `authorization: ${value}\r\n`).join('');
      return answerTo(url, Buffer.from(`GET ${path} HTTP/1.1\r\nhost: bough\r\n${lines}\r\n`));
    };

    for (const path of ['/board/', '/deliveries']) {
      assert.equal(await ask(path, right, wrong), 200);
      assert.equal(await ask(path, wrong, right), 401);
    }
    assert.equal(await ask('/api/projects', `Bearer ${token}`, 'Bearer wrong'), 200);
    assert.equal(await ask('/api/projects', 'Bearer wrong', `Bearer ${token}`), 401);
  });
});
