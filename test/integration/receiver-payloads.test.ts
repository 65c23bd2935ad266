// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { push } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';

interface Example {
  readonly name: string;
  readonly examples: readonly Record<string, unknown>[];
}

const recorded = ['api.github.com', 'ghes-31', 'ghes-32', 'ghes-33', 'ghes-34', 'ghes-35'].flatMap((host) =>
  readExamples(host).flatMap(({ name, examples }) => examples.map((payload) => ({ name, payload }))),
);

const rig = useReceiver();

test('each payload GitHub recorded, signed well, is answered as the table says', async () => {
  const outcomes: Record<string, number> = {};
  for (const { name, payload } of recorded) {
    const answer = await rig.receiver.deliver(payload, { event: name });

    const expected = expectedAnswer(name, payload);
    const label = `${name} ${JSON.stringify(payload['ref'] ?? payload['action'])}`;
    assert.equal(answer.status, expected.status, label);
    assert.ok(expected.outcomes.includes(answer.body.outcome ?? ''), `${label}: ${answer.body.outcome}`);
    assert.equal(answer.status === 202, answer.body.job !== undefined, label);
    assert.equal(answer.body.outcome === 'queued', answer.body.reason === undefined, label);
    outcomes[answer.body.outcome ?? ''] = (outcomes[answer.body.outcome ?? ''] ?? 0) + 1;
  }

  assert.ok(recorded.length >= 329, `only ${recorded.length} payloads`);
  assert.ok(
    (outcomes['pong'] ?? 0) > 0 && (outcomes['ignored'] ?? 0) > 0 && outcomes['queued'] === 1,
    JSON.stringify(outcomes),
  );
  assert.deepEqual(await rig.queues.waiting(), [{ queue: 'build', name: 'build', project: 'demo', branch: 'master' }]);
});

test('each of them with a wrong signature is answered 401, and Redis holds what it held before', async () => {
  await rig.receiver.deliver(push('main'));
  const keys = await rig.queues.everything();

  for (const { name, payload } of recorded) {
    const answer = await rig.receiver.deliver(payload, { event: name, secret: 'not the secret' });

    assert.equal(answer.status, 401, name);
    assert.deepEqual(answer.body, {
      outcome: 'rejected',
      reason: 'not signed with a secret of this webhook',
    });
  }

  assert.deepEqual(await rig.queues.everything(), keys);
});

function expectedAnswer(name: string, payload: Record<string, unknown>): { status: number; outcomes: string[] } {
  if (name === 'ping') return { status: 200, outcomes: ['pong'] };
  const isBranch = String(payload['ref']).startsWith('refs/heads/') && payload['deleted'] === false;
  if (name === 'push' && isBranch) return { status: 202, outcomes: ['queued', 'joined'] };
  return { status: 200, outcomes: ['ignored'] };
}

function readExamples(host: string): Example[] {
  const path = new URL(`../../node_modules/@octokit/webhooks-examples/${host}/index.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}
