import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@bough/core/app-error.ts';
import { Project } from '@bough/core/config/project.ts';
import { forges } from '@bough/core/forge/forges.ts';
import type { BranchLine } from '@bough/core/ledger/delivery-line.ts';
import { noteJobs } from './note-jobs.ts';
import { type DeliveryProducer, takeDelivery } from './take-delivery.ts';

const webhook = {
  settings: Project.parse({ remote: '/x', webhookSecretFiles: ['/x'], url: 'http://localhost', forge: 'git' }),
  adapter: forges.git,
  keys: { hmac: [], signing: [], tokens: [] },
};
const head = { project: 'demo', webhook, proof: null, id: 'id', event: 'push' };
const change = (ref: string) => ({ ref, before: 'a'.repeat(40), after: 'b'.repeat(40) });

test('of a delivery one of whose refs Redis does not keep, all that became of the others is noted first', async () => {
  const told: BranchLine[] = [];
  const refs = ['refs/heads/refused', 'refs/heads/slow', 'refs/heads/refused-too', 'refs/tags/v1'];
  const producer: DeliveryProducer = {
    async enqueueBuild({ branch }) {
      if (branch.startsWith('refused')) throw new AppError('QUEUE_UNAVAILABLE', `${branch} is not kept`);
      await sleep(20);
      return { job: 'job', own: 'job', outcome: 'queued' };
    },
    enqueueSweep: () => Promise.reject(new Error('no sweep is asked for')),
  };

  const taken = takeDelivery(
    head,
    webhook,
    Buffer.from(JSON.stringify({ changes: refs.map(change) })),
    noteJobs(producer, told),
    (line) => told.push(line),
  );

  await assert.rejects(taken, { message: 'refused is not kept' });
  assert.deepEqual(
    new Set(told.map(({ branch, outcome }) => `${branch} ${outcome}`)),
    new Set(['refused unavailable', 'refused-too unavailable', 'slow queued', 'refs/tags/v1 ignored']),
  );
  assert.deepEqual(
    told.filter(({ outcome }) => outcome === 'unavailable').map(({ job, own }) => [job, own]),
    [
      [null, 'delivery-demo--id--refused'],
      [null, 'delivery-demo--id--refused-too'],
    ],
    'the jobs there are where Redis kept them after all',
  );
});

test('a push that is not to be built is noted with its commit: the sweep comes to that too', async () => {
  const told: BranchLine[] = [];
  const changes = [{ ...change('refs/heads/quiet'), message: 'words [skip ci]' }, change('refs/tags/v1')];
  const producer: DeliveryProducer = {
    enqueueBuild: () => Promise.reject(new Error('no build is asked for')),
    enqueueSweep: () => Promise.reject(new Error('no sweep is asked for')),
  };

  const answer = await takeDelivery(head, webhook, Buffer.from(JSON.stringify({ changes })), producer, (line) =>
    told.push(line),
  );

  assert.deepEqual(
    told.map(({ branch, commit, outcome }) => [branch, commit, outcome]),
    [
      ['quiet', 'b'.repeat(40), 'ignored'],
      ['refs/tags/v1', null, 'ignored'],
    ],
  );
  assert.deepEqual(answer.refs?.map(Object.keys), [
    ['ref', 'outcome', 'reason'],
    ['ref', 'outcome', 'reason'],
  ]);
});

test('the sweep a deletion leads to is noted with the branch that is deleted, whether Redis keeps it or not', async () => {
  const told: BranchLine[] = [];
  const changes = [{ ...change('refs/heads/gone'), after: '0'.repeat(40) }];
  const take = async (enqueueSweep: DeliveryProducer['enqueueSweep']) => {
    const producer = { enqueueBuild: () => Promise.reject(new Error('no build is asked for')), enqueueSweep };
    await takeDelivery(head, webhook, Buffer.from(JSON.stringify({ changes })), noteJobs(producer, told), (line) =>
      told.push(line),
    );
  };

  await take(() => Promise.resolve({ job: 'sweep', own: 'sweep', outcome: 'queued' }));
  await assert.rejects(take(() => Promise.reject(new AppError('QUEUE_UNAVAILABLE', 'it is not kept'))));

  assert.deepEqual(
    told.map((line) => [line.branch, line.deleted, line.outcome]),
    [
      [null, 'gone', 'queued'],
      [null, 'gone', 'unavailable'],
    ],
  );
});

test('of more refs than are looked at one by one each commit is noted, or what the sweep builds of them would be missed pushes', async () => {
  const told: BranchLine[] = [];
  const pushed = Array.from({ length: 101 }, (_, number) => change(`refs/heads/b${number}`));
  const changes = [...pushed, { ...change('refs/heads/gone'), after: '0'.repeat(40) }, change('refs/tags/v1')];
  const producer: DeliveryProducer = {
    enqueueBuild: () => Promise.reject(new Error('no build is asked for')),
    enqueueSweep: () => Promise.resolve({ job: 'sweep', own: 'sweep', outcome: 'queued' }),
  };

  const answer = await takeDelivery(
    head,
    webhook,
    Buffer.from(JSON.stringify({ changes })),
    noteJobs(producer, told),
    (line) => told.push(line),
  );

  assert.deepEqual(answer, {
    status: 202,
    outcome: 'queued',
    reason: 'it names 103 refs: one sweep looks at 102 of them',
    refs: [
      { ref: 'refs/tags/v1', outcome: 'ignored', reason: 'a tag, not a branch' },
      { ref: 'refs/heads/*', outcome: 'queued', job: 'sweep', reason: 'one sweep looks at 102 refs' },
    ],
  });
  const [sweep, ...lines] = told;
  assert.deepEqual([sweep?.job, sweep?.branch], ['sweep', null]);
  const commit = 'b'.repeat(40);
  assert.deepEqual(
    lines.map((line) => [line.branch, line.commit, line.job, line.own]),
    [
      ...pushed.map((_, number) => [`b${number}`, commit, null, null]),
      ['gone', null, null, null],
      ['refs/tags/v1', null, null, null],
    ],
  );

  told.length = 0;
  const flood = Array.from({ length: 1_500 }, (_, number) => change(`refs/heads/b${number}`));
  const all = await takeDelivery(head, webhook, Buffer.from(JSON.stringify({ changes: flood })), producer, (line) =>
    told.push(line),
  );
  assert.deepEqual([all.status, all.job, all.refs], [202, 'sweep', undefined]);
  assert.equal(told.length, 1_000, 'no delivery fills the ledger');
});

test('what leads nowhere is no reason for a sweep, however much it is', async () => {
  const told: BranchLine[] = [];
  const producer: DeliveryProducer = {
    enqueueBuild: ({ branch }) => Promise.resolve({ job: branch, own: branch, outcome: 'queued' }),
    enqueueSweep: () => Promise.reject(new Error('no sweep is asked for')),
  };
  const take = async (changes: readonly object[]) => {
    told.length = 0;
    return await takeDelivery(head, webhook, Buffer.from(JSON.stringify({ changes })), producer, (line) =>
      told.push(line),
    );
  };
  const tags = (count: number) => Array.from({ length: count }, (_, number) => change(`refs/tags/v${number}`));

  const some = await take(tags(150));
  assert.deepEqual([some.status, some.outcome, some.reason], [200, 'ignored', '0 of 150 refs lead to a job']);
  assert.deepEqual(
    some.refs,
    tags(150).map(({ ref }) => ({ ref, outcome: 'ignored', reason: 'a tag, not a branch' })),
  );
  assert.equal(told.length, 150);

  const beside = await take([...tags(150), change('refs/heads/x')]);
  assert.deepEqual([beside.status, beside.outcome, beside.reason], [202, 'queued', '1 of 151 refs lead to a job']);
  assert.deepEqual(beside.refs?.at(-1), { ref: 'refs/heads/x', outcome: 'queued', job: 'x' });

  const flood = await take(tags(20_000));
  assert.deepEqual([flood.status, flood.reason], [200, '0 of 20000 refs lead to a job']);
  assert.deepEqual([flood.refs?.length, told.length], [1_000, 1_000], 'no delivery fills the ledger');
});

test('a push of more refs than are looked at one by one keeps what it asked for: of none that skips does a sweep build it', async () => {
  const seen = new Map<string, string | undefined>();
  const told: BranchLine[] = [];
  const producer: DeliveryProducer = {
    enqueueBuild: ({ branch, skip }) => {
      seen.set(branch, skip);
      return Promise.resolve({ job: branch, own: branch, outcome: 'queued' });
    },
    enqueueSweep: () => Promise.resolve({ job: 'sweep', own: 'sweep', outcome: 'queued' }),
  };
  const take = async (changes: readonly object[]) => {
    const body = Buffer.from(JSON.stringify({ changes, pushOptions: ['ci.skip'] }));
    return await takeDelivery(head, webhook, body, noteJobs(producer, told), (line) => told.push(line));
  };
  const pushed = (count: number) => Array.from({ length: count }, (_, number) => change(`refs/heads/b${number}`));
  const skip = 'the push option ci.skip asks not to build it';

  const answer = await take(pushed(101));

  assert.deepEqual([answer.status, answer.reason, answer.refs?.length], [202, '101 of 101 refs lead to a job', 101]);
  assert.deepEqual(
    [...seen],
    pushed(101).map((_, number) => [`b${number}`, skip]),
  );
  assert.deepEqual(
    told.map(({ job }) => job),
    pushed(101).map((_, number) => `b${number}`),
  );

  seen.clear();
  const most = await take([...pushed(1_200), { ...change('refs/heads/gone'), after: '0'.repeat(40) }]);
  assert.deepEqual([most.status, most.reason], [202, 'it names 1201 refs: one sweep looks at 201 of them']);
  assert.equal(seen.size, 1_000, 'each is a fetch');
});

test('of more refs than are looked at one by one each is noted too where Redis keeps no sweep', async () => {
  const told: BranchLine[] = [];
  const changes = Array.from({ length: 101 }, (_, number) => change(`refs/heads/b${number}`));
  const producer: DeliveryProducer = {
    enqueueBuild: () => Promise.reject(new Error('no build is asked for')),
    enqueueSweep: () => Promise.reject(new AppError('QUEUE_UNAVAILABLE', 'it is not kept')),
  };

  const taken = takeDelivery(head, webhook, Buffer.from(JSON.stringify({ changes })), producer, (line) =>
    told.push(line),
  );

  await assert.rejects(taken, { message: 'it is not kept' });
  const reason = 'the sweep that was to look at it was refused';
  assert.deepEqual(
    told.map((line) => [line.branch, line.commit, line.outcome, line.reason]),
    changes.map((_, number) => [`b${number}`, 'b'.repeat(40), 'unavailable', reason]),
  );
});
