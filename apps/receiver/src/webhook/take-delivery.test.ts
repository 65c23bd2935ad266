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

  assert.deepEqual([answer.status, answer.job, answer.refs], [202, 'sweep', undefined]);
  const [sweep, ...lines] = told;
  assert.deepEqual([sweep?.job, sweep?.branch], ['sweep', null]);
  const commit = 'b'.repeat(40);
  assert.deepEqual(
    lines.map((line) => [line.branch, line.commit, line.job, line.own]),
    [...pushed.map((_, number) => [`b${number}`, commit, null, null]), ['gone', null, null, null]],
  );

  told.length = 0;
  const flood = Array.from({ length: 1_500 }, (_, number) => change(`refs/heads/b${number}`));
  await takeDelivery(head, webhook, Buffer.from(JSON.stringify({ changes: flood })), producer, (line) =>
    told.push(line),
  );
  assert.equal(told.length, 1_000, 'no delivery fills the ledger');
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
