// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { suite } from 'node:test';
import { ForgeName } from '@bough/core/forge/forge-name.ts';
import { forges } from '@bough/core/forge/forges.ts';
import { openLedgerReader, readDeliveries, readRefusals } from '@bough/host/ledger/read-ledger.ts';
import {
  allForgeCases,
  forgeCases,
  headersOfCase,
  type NamedCase,
  redelivered,
  signingSecret,
  unproven,
  updateOf,
} from '../support/forge-deliveries.ts';
import type { ForgeCase } from '../support/forges/forge-case.ts';
import { gitlabProof } from '../support/forges/gitlab.ts';
import type { TakenAnswer } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';

const secretOf = (forge: ForgeName): string => `the secret of ${forge}`;
const projects = Object.fromEntries(
  ForgeName.options.map((forge) => [forge, { secrets: [secretOf(forge)], settings: { forge } }]),
);
const rig = useReceiver({
  ...projects,
  signed: { secrets: [signingSecret], settings: { forge: 'gitlab' } },
  turning: { secrets: ['the token before', signingSecret], settings: { forge: 'gitlab' } },
  filtered: { secrets: [secretOf('git')], settings: { forge: 'git', paths: ['src/**', 'flake.*'] } },
  polled: { secrets: [], settings: {} },
});

interface Change {
  readonly project?: string;
  readonly delivery?: string;
  readonly secret?: string;
  readonly headers?: Record<string, string>;
}

/** What is sent of a case. */
type SentCase = Pick<ForgeCase, 'event' | 'body' | 'headers'>;

/** Sends what a forge would send for a case, but for what is changed of it. */
async function deliver(forge: ForgeName, sent: SentCase, change: Change = {}): Promise<TakenAnswer> {
  const body = JSON.stringify(sent.body);
  const { project = forge, delivery = randomUUID(), secret = secretOf(forge) } = change;
  const headers = { ...headersOfCase(forge, sent, { delivery, secret, body }), ...change.headers };
  return rig.receiver.send(project, headers, body);
}
const hook = (body: object, change?: Change) => deliver('git', { event: 'push', body }, change);

/** Every delivery to a project of its forge; those of GitLab with a token and with a signature. */
const sendings: readonly (NamedCase & { project: string; secret: string })[] = allForgeCases().flatMap((one) => [
  { ...one, project: one.forge, secret: secretOf(one.forge) },
  ...(one.forge === 'gitlab' ? [{ ...one, project: 'signed', secret: signingSecret }] : []),
]);

suite('what each forge sends', () => {
  const refused: string[] = [];

  for (const { forge, name, sent, project, secret } of sendings) {
    test(`${project}: ${name} is answered ${sent.answer.status} ${sent.answer.outcome}, and the log says the same`, async () => {
      const delivery = randomUUID();
      const { status, body } = await deliver(forge, sent, { project, secret, delivery });

      const { outcome, reason } = body;
      assert.deepEqual({ status, outcome, ...(reason === undefined ? {} : { reason }) }, sent.answer);
      const line = await until('it is logged', () => rig.receiver.log.find((one) => one['delivery'] === delivery));
      const { event, refs } = line;
      assert.deepEqual(
        { forge: line['forge'], event, status: line['status'], outcome: line['outcome'], reason: line['reason'], refs },
        { forge, event: sent.event, status, outcome, reason, refs: body.refs },
      );
      const builds = sent.says.filter((one) => one.kind === 'push' && !/skip/.test(one.message)).length;
      const sweeps = sent.says.some(({ kind }) => kind === 'delete') ? 1 : 0;
      assert.equal((await rig.queues.waiting()).length, builds + sweeps);
    });

    test(`${project}: ${name} is refused with a wrong secret, with another project's and without any header of its forge, and nothing is stored`, async () => {
      const keys = await rig.queues.everything();
      const other = ForgeName.options.find((one) => one !== forge) ?? 'github';
      for (const wrong of ['wrong', 'whsec_d3Jvbmc=', secretOf(other)]) {
        const delivery = randomUUID();
        refused.push(delivery);
        const { status, body } = await deliver(forge, sent, { project, secret: wrong, delivery });
        assert.deepEqual([status, body.outcome], [401, 'rejected']);
        assert.equal(body.reason, 'not signed with a secret of this webhook');
      }
      refused.push('without an id');
      const bare = { 'content-type': 'application/json' };
      assert.equal((await rig.receiver.send(project, bare, JSON.stringify(sent.body))).status, 401);
      assert.deepEqual(await rig.queues.everything(), keys);
    });

    if (sent.event === forges[forge].unsignedTest?.event) continue; // see "how Bitbucket Data Center tries a webhook"
    test(`${project}: ${name} is refused where nothing but its proof is missing, and nothing is stored`, async () => {
      const keys = await rig.queues.everything();
      const text = JSON.stringify(sent.body);
      const delivery = randomUUID();
      refused.push(delivery);
      const headers = headersOfCase(forge, sent, { delivery, secret, body: text });
      assert.equal((await rig.receiver.send(project, unproven(headers), text)).status, 401);
      assert.deepEqual(await rig.queues.everything(), keys);
    });
  }

  test('one thing done at a forge leads to the same jobs, by however many deliveries it tells of it', async () => {
    for (const forge of ForgeName.options) {
      await rig.queues.empty();
      for (const { name, sent } of allForgeCases([forge])) if (name.startsWith('many')) await deliver(forge, sent);

      const waiting = (await rig.queues.waiting()).map(({ name, branch }) => branch ?? name).toSorted();
      const wave = forge === 'git' ? [] : ['wave']; // there its commit asks not to be built
      assert.deepEqual(waiting, ['feature/tide-table', 'sweep', ...wave], forge);
    }
  });

  test('the ledger counts what was refused, and has no line of it', async () => {
    using database = openLedgerReader(rig.receiver.ledger);
    const count = () => readRefusals(database, 1_000).reduce((sum, each) => sum + each.count, 0);
    await until('all are counted', () => count() >= refused.length);

    assert.equal(count(), refused.length);
    const kept = readDeliveries(database, { limit: 10_000 });
    assert.deepEqual(
      kept.filter(({ delivery }) => delivery === null || refused.includes(delivery)),
      [],
    );
    assert.ok(kept.length >= sendings.length, 'and lines of what was not');
  });

  test('no line of the log holds a secret', () => {
    const text = JSON.stringify(rig.receiver.log);
    for (const secret of [...ForgeName.options.map(secretOf), signingSecret]) assert.ok(!text.includes(secret));
  });
});

suite('the same delivery again', () => {
  for (const forge of ForgeName.options) {
    const update = updateOf(forge);
    // The id a person's "send again" leads to; where it is a new one, the delivery is known by its event and body.
    const isRenamed = redelivered(forge, 'the:same/one') !== 'the:same/one';
    const send = async () => await deliver(forge, update, { delivery: redelivered(forge, 'the:same/one') });

    test(`${forge}: while it waits and once it is done it makes nothing, and once it failed it is tried again`, async () => {
      const first = await send();
      const job = first.body.job ?? '';

      assert.equal(first.body.outcome, 'queued');
      const known = isRenamed ? '[0-9a-f]{64}' : 'hash-[0-9a-f]{40}';
      assert.match(job, new RegExp(`^delivery-${forge}--${known}--feature-tide-table-[0-9a-f]{32}$`));
      assert.deepEqual([(await send()).body.outcome, (await rig.queues.waiting()).length], ['repeated', 1]);

      await runTo('failed', job);
      assert.deepEqual([(await send()).body.outcome, (await rig.queues.waiting()).length], ['retried', 1]);

      await runTo('completed', job);
      const again = await send();
      assert.deepEqual([again.status, again.body.outcome, again.body.job], [202, 'repeated', job]);
      assert.deepEqual(await rig.queues.waiting(), []);
    });

    test(`${forge}: one that joined a job makes nothing while and after that job is done, and it is tried again once it failed`, async () => {
      const { body: other } = await deliver(forge, changed(update));
      const job = other.job ?? '';
      assert.deepEqual([(await send()).body.outcome, (await send()).body.job], ['joined', job]);

      await runTo('completed', job);
      const done = await send();
      assert.deepEqual([done.status, done.body.outcome, done.body.job], [202, 'repeated', job]);
      assert.equal(done.body.reason, 'this delivery led to this job before');
      assert.deepEqual(await rig.queues.waiting(), []);

      await (await rig.queues.build.getJob(job))?.retry('completed');
      await runTo('failed', job);
      assert.deepEqual([(await send()).body.outcome, (await rig.queues.waiting()).length], ['retried', 1]);
      assert.deepEqual([(await send()).body.outcome, (await rig.queues.waiting()).length], ['repeated', 1]);
    });
  }

  test('Gitea: what differs in one byte, or in the event, is another delivery, and the log holds the id of each', async () => {
    const update = updateOf('gitea');
    const [first, second] = [randomUUID(), randomUUID()];
    const one = await deliver('gitea', update, { delivery: first });
    const other = await deliver('gitea', changed(update), { delivery: second });

    assert.deepEqual([one.body.outcome, other.body.outcome], ['queued', 'joined']);
    const job = await rig.queues.build.getJob(one.body.job ?? '');
    assert.deepEqual(job?.data.asked, { by: 'delivery', delivery: first });
    for (const id of [first, second])
      await until('it is logged', () => rig.receiver.log.some((line) => line['delivery'] === id));
  });
});

suite('several refs in one delivery', () => {
  const { many } = forgeCases('git');
  if (!('event' in many)) throw new Error('the hook tells of several refs in one delivery');

  test('each has an ending and a job of its own', async () => {
    const { body } = await deliver('git', many, { delivery: 'several' });

    const [first, ...others] = body.refs ?? [];
    assert.match(first?.job ?? '', /^delivery-git--several--feature-tide-table-/);
    assert.deepEqual(
      [first, ...others].map((ref) => [ref?.ref, ref?.outcome, ref?.reason]),
      [
        ['refs/heads/feature/tide-table', 'queued', undefined],
        ['refs/heads/wave', 'ignored', 'the head commit asks not to be built'],
        ['refs/heads/old-pier', 'queued', undefined],
        ['refs/tags/v1.2', 'ignored', 'a tag, not a branch'],
      ],
    );
    assert.equal(others[1]?.job, 'delivery-git--several');
  });

  test('sent again, none of them makes a second job', async () => {
    await deliver('git', many, { delivery: 'several' });
    const { body } = await deliver('git', many, { delivery: 'several' });

    assert.equal(body.outcome, 'repeated');
    assert.equal((await rig.queues.waiting()).length, 2);
  });

  test('a flood of pushes, each of several branches, makes one job a branch', async () => {
    const changes = ['a', 'b', 'c'].map((name) => moved(name));
    const answers = await Promise.all(Array.from({ length: 50 }, () => hook({ changes })));

    assert.ok(answers.every(({ status }) => status === 202));
    assert.equal((await rig.queues.waiting()).length, 3);
  });

  test('more than a hundred are one sweep, which looks at all of them', async () => {
    const changes = Array.from({ length: 101 }, (_, number) => moved(`b${number}`));
    const { status, body } = await hook({ changes });

    assert.deepEqual([status, body.outcome], [202, 'queued']);
    assert.match(body.reason ?? '', /101 refs/);
    assert.deepEqual(await rig.queues.waiting(), [
      { queue: 'sweep', name: 'sweep', project: 'git', branch: undefined },
    ]);
  });

  test('a thousand that are not to be built by their push are told of one by one, and kept in time', async (t) => {
    const changes = Array.from({ length: 1_000 }, (_, number) => moved(`b${number}`));
    const { status, body, ms } = await hook({ changes, pushOptions: ['ci.skip'] });

    assert.deepEqual([status, body.reason, body.refs?.length], [202, '1000 of 1000 refs lead to a job', 1_000]);
    const waiting = await rig.queues.waiting();
    assert.deepEqual(new Set(waiting.map(({ branch }) => branch)).size, 1_000);
    assert.ok(waiting.every(({ queue }) => queue === 'build'));
    t.diagnostic(`${Math.round(ms)} ms`);
    assert.ok(ms < 4_000, `${ms} ms`); // the hook waits for five seconds
  });
});

suite('what is not built', () => {
  test('a push that touches no file the project builds for', async () => {
    const docs = await hook({ changes: [moved('x', { files: ['docs/a.md', 'README.md'] })] }, inFiltered);
    const source = await hook({ changes: [moved('x', { files: ['docs/a.md', 'src/a.js'] })] }, inFiltered);

    assert.deepEqual(docs.body, { outcome: 'ignored', reason: 'it touches no file that matches src/** or flake.*' });
    assert.equal(source.body.outcome, 'queued');
    assert.equal(source.body.reason, undefined);
  });

  test('where nothing proves which files were touched it is built, and the answer says why', async () => {
    const { status, body } = await hook({ changes: [moved('x')] }, inFiltered);

    assert.deepEqual([status, body.outcome], [202, 'queued']);
    assert.equal(body.reason, 'the path filter is left to the build: the hook did not say which files it touched');
  });

  for (const [forge, event, body] of [
    ['git', 'push', { changes: [moved('x')], pushOptions: ['ci.skip'] }],
    [
      'gitlab',
      'Push Hook',
      {
        ref: 'refs/heads/x',
        before: 'a'.repeat(40),
        after: 'b'.repeat(40),
        commits: [],
        push_options: { ci: { skip: true } },
      },
    ],
  ] as const) {
    test(`${forge}: a push with the option ci.skip is noted by a job, or the sweep would build it`, async () => {
      const { status, body: answer } = await deliver(forge, { event, body }, { delivery: 'skipped' });

      const reason = 'the push option ci.skip asks not to build it';
      assert.deepEqual([status, answer.outcome, answer.reason], [202, 'queued', reason]);
      const job = await rig.queues.build.getJob(`delivery-${forge}--skipped--x`);
      assert.partialDeepStrictEqual(job?.data, { branch: 'x', seen: 'b'.repeat(40), skip: reason });
    });
  }
});

suite('how GitLab proves itself', () => {
  const push = { ref: 'refs/heads/x', before: 'a'.repeat(40), after: 'b'.repeat(40), commits: [] };
  const body = JSON.stringify(push);
  const send = (project: string, proof: Record<string, string>) =>
    rig.receiver.send(project, { 'content-type': 'application/json', 'x-gitlab-event': 'Push Hook', ...proof }, body);
  const now = () => Math.floor(Date.now() / 1000);

  test('a signature is right for five minutes, whichever clock is ahead', async () => {
    for (const [offset, status] of [
      [0, 202],
      [-290, 202],
      [290, 202],
      [-310, 401],
      [310, 401],
    ] as const) {
      const answer = await send('signed', gitlabProof(randomUUID(), signingSecret, body, now() + offset));
      assert.equal(answer.status, status, `${offset} s: ${answer.body.reason}`);
    }
  });

  test('a signature of another delivery, another time or another body is wrong', async () => {
    const right = gitlabProof('one', signingSecret, body);
    const changes = [{ 'webhook-id': 'two' }, { 'webhook-timestamp': String(now() + 5) }];
    for (const change of changes) assert.equal((await send('signed', { ...right, ...change })).status, 401);
    assert.equal((await send('signed', gitlabProof('one', signingSecret, `${body} `))).status, 401);
    assert.equal((await send('signed', right)).status, 202);
  });

  test('while a project turns from a token to a signature both are right, and no token rescues a wrong signature', async () => {
    const token = { 'x-gitlab-token': 'the token before' };
    const signed = gitlabProof('one', signingSecret, body);

    assert.equal((await send('turning', { 'idempotency-key': 'a', ...token })).status, 202);
    assert.equal((await send('turning', signed)).status, 202);
    assert.equal((await send('turning', { ...signed, ...token, 'webhook-id': 'another' })).status, 401);
    assert.equal((await send('signed', { 'idempotency-key': 'a', ...token })).status, 401);
    assert.equal((await send('signed', { 'idempotency-key': 'a', 'x-gitlab-token': signingSecret })).status, 401);
  });

  test('the id that was signed is the one that counts, whatever the headers that were not', async () => {
    const right = gitlabProof('signed-id', signingSecret, body);
    const first = await send('signed', right);
    const again = await send('signed', { ...right, 'idempotency-key': 'another', 'x-gitlab-event-uuid': 'another' });

    assert.equal(first.body.job, 'delivery-signed--signed-id--x');
    assert.deepEqual([again.body.outcome, again.body.job], ['repeated', 'delivery-signed--signed-id--x']);
  });

  test('the id that stays the same when it is sent again is the one that counts', async () => {
    const token = { 'x-gitlab-token': secretOf('gitlab') };
    const first = await send('gitlab', { ...token, 'idempotency-key': 'k', 'x-gitlab-event-uuid': 'u1' });
    const again = await send('gitlab', { ...token, 'idempotency-key': 'k', 'x-gitlab-event-uuid': 'u2' });
    const old = await send('gitlab', { ...token, 'x-gitlab-event-uuid': 'u1' });
    const none = await send('gitlab', token);

    assert.deepEqual([first.body.outcome, again.body.outcome], ['queued', 'repeated']);
    assert.equal(old.body.outcome, 'joined');
    assert.deepEqual(
      [none.status, none.body.reason],
      [400, 'idempotency-key or webhook-id or x-gitlab-event-uuid is missing or odd'],
    );
  });
});

suite('how Bitbucket Data Center tries a webhook', () => {
  // What "Test connection" sends: no X-Hub-Signature, also where a secret is set.
  const headers = {
    'X-Event-Key': 'diagnostics:ping',
    'X-Request-Id': 'a-test-of-the-connection',
    'Content-Type': 'application/json',
  };
  const test200 = {
    outcome: 'pong',
    reason: 'the webhook is reached; this test is not signed, so the secret was not tried',
  };

  test('its unsigned test is answered, and nothing is queued', async () => {
    const keys = await rig.queues.everything();
    for (const body of ['{"test": true}', '{"test":true}']) {
      const answer = await rig.receiver.send('bitbucket-data-center', headers, body);
      assert.deepEqual([answer.status, answer.body], [200, test200]);
    }
    assert.deepEqual(await rig.queues.everything(), keys);
  });

  for (const [what, project, change, body] of [
    ['another body', 'bitbucket-data-center', {}, '{"test": false}'],
    ['a longer body', 'bitbucket-data-center', {}, `{"test": true}${' '.repeat(60)}`],
    ['a push', 'bitbucket-data-center', {}, '{"changes": []}'],
    ['no body', 'bitbucket-data-center', {}, ''],
    ['another event', 'bitbucket-data-center', { 'X-Event-Key': 'repo:refs_changed' }, '{"test": true}'],
    ['a wrong signature', 'bitbucket-data-center', { 'X-Hub-Signature': `sha256=${'0'.repeat(64)}` }, '{"test": true}'],
    ['a malformed signature', 'bitbucket-data-center', { 'X-Hub-Signature': 'x' }, '{"test": true}'],
    ['the same to Bitbucket Cloud', 'bitbucket', {}, '{"test": true}'],
  ] as const)
    test(`${what} is answered 401`, async () => {
      const answer = await rig.receiver.send(project, { ...headers, ...change }, body);

      assert.equal(answer.status, 401);
      assert.equal(answer.body.reason, 'not signed with a secret of this webhook');
    });
});

test('a project without webhook secrets has no webhook, as one nobody configured', async () => {
  for (const secret of ['', 'undefined', secretOf('github')]) {
    const push = { event: 'push', body: {} };
    const polled = await deliver('github', push, { project: 'polled', secret });
    const unknown = await deliver('github', push, { project: 'nobody', secret });

    assert.deepEqual([polled.status, polled.body], [404, { outcome: 'rejected', reason: 'there is no such webhook' }]);
    assert.deepEqual([unknown.status, unknown.body], [polled.status, polled.body]);
  }
});

/** The same case, but for one field nobody reads. */
const changed = (sent: ForgeCase): ForgeCase => ({ ...sent, body: { ...Object(sent.body), more: 1 } });

const inFiltered = { project: 'filtered' };

function moved(branch: string, more: { files?: string[] } = {}) {
  return { ref: `refs/heads/${branch}`, before: 'a'.repeat(40), after: 'b'.repeat(40), ...more };
}

async function runTo(state: 'completed' | 'failed', job: string): Promise<void> {
  await using worker = await rig.queues.startWorker();
  await worker.running(job);
  worker.finish(state === 'failed' ? new Error('the builder failed') : undefined);
  await until(`${job} has ${state}`, async () => (await (await rig.queues.build.getJob(job))?.getState()) === state);
}
