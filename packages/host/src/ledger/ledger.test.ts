import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Receiver } from '@bough/core/config/receiver.ts';
import type { DeliveryLine, JobLine } from '@bough/core/ledger/delivery-line.ts';
import { pino } from 'pino';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { until } from '../../../../test/support/until.ts';
import { openLedgerWriter } from './ledger-writer.ts';
import { openLedger } from './open-ledger.ts';
import { openLedgerReader, readDeliveries, readRefusals } from './read-ledger.ts';

const log = pino({ level: 'silent' });
const commit = 'a'.repeat(40);
const nothing = { deliveries: [], refusals: [], jobs: [] };

const aLine = { branch: 'x', commit, job: 'job-x', own: 'job-x', outcome: 'queued', reason: null };
const aDelivery = (branch: string, changes: Partial<DeliveryLine> = {}): DeliveryLine => ({
  at: 1e3,
  project: 'demo',
  forge: 'github',
  delivery: `id-${branch}`,
  event: 'push',
  source: '192.0.2.1',
  status: 202,
  outcome: 'queued',
  reason: null,
  failure: null,
  ms: 3,
  branches: [{ ...aLine, branch, job: `job-${branch}`, own: `job-${branch}` }],
  ...changes,
});
const anEnd = (job: string, changes: Partial<JobLine> = {}): JobLine => ({
  job,
  began: 1.5e3,
  at: 2e3,
  outcome: 'built',
  reason: null,
  project: 'demo',
  branch: 'x',
  commit,
  bySweep: false,
  isSweep: false,
  madeFor: null,
  ...changes,
});

function writer(t: TestContext) {
  const ledger = openLedgerWriter(tempHost(t).layout.ledger, 5e3);
  t.after(() => ledger.close());
  return {
    ...ledger,
    add: (batch: Partial<typeof nothing | Parameters<typeof ledger.write>[0]>) =>
      ledger.write({ ...nothing, ...batch }),
    all: (query = {}) => readDeliveries(ledger.database, { limit: 100, ...query }),
  };
}

test('deliveries are found again, the latest first, by project, branch and outcome, a page at a time', (t) => {
  const { add, all } = writer(t);
  add({ deliveries: [aDelivery('x'), aDelivery('y'), aDelivery('z', { project: 'other' })] });
  add({ jobs: [anEnd('job-y', { outcome: 'failed', reason: 'BUILD_FAILED: no' })] });

  const names = (query: object) => all(query).map(({ delivery }) => delivery);
  assert.deepEqual(names({}), ['id-z', 'id-y', 'id-x']);
  assert.deepEqual(names({ project: 'demo' }), ['id-y', 'id-x']);
  assert.deepEqual(names({ branch: 'x' }), ['id-x']);
  assert.deepEqual(names({ outcome: 'failed' }), ['id-y']);
  assert.deepEqual(names({ limit: 1, before: all()[0]?.seq }), ['id-y']);
  const [shown] = all({ branch: 'y' });
  assert.deepEqual(shown?.branches[0]?.ended, { at: 2_000, outcome: 'failed', reason: 'BUILD_FAILED: no' });
  assert.equal(shown?.branches[0]?.commit, commit);
});

test('a deletion is found by its branch, and ends as the sweep does that followed the one it joined', (t) => {
  const { add, all } = writer(t);
  const sweep = { branch: null, commit: null, job: 'sweep', reason: null };
  add({
    deliveries: [
      aDelivery('x', { branches: [{ ...sweep, deleted: 'x', own: 'sweep', outcome: 'queued' }] }),
      aDelivery('y', { branches: [{ ...sweep, deleted: 'y', own: 'own-y', outcome: 'joined' }] }),
    ],
  });
  const about = { project: 'demo', branch: null, commit: null, isSweep: true };
  add({ jobs: [anEnd('sweep', { ...about, outcome: 'superseded' }), anEnd('own-y', { ...about, outcome: 'swept' })] });

  const found = all({ branch: 'y' }).flatMap(({ branches }) => branches);
  assert.deepEqual(
    found.map(({ branch, job, ended }) => [branch, job, ended?.outcome]),
    [['y', 'own-y', 'swept']],
  );
  assert.deepEqual(
    all({ branch: 'x' }).map(({ delivery }) => delivery),
    ['id-x'],
  );
});

test('a push that joined a running job ends as the run does that followed it, and not as what it superseded', (t) => {
  const { add, all } = writer(t);
  const joining = (delivery: string): Partial<DeliveryLine> => ({
    delivery,
    outcome: 'joined',
    branches: [
      { branch: 'x', commit: 'b'.repeat(40), job: 'job-x', own: `own-${delivery}`, outcome: 'joined', reason: null },
    ],
  });
  add({ deliveries: [aDelivery('x'), aDelivery('x', joining('two')), aDelivery('x', joining('three'))] });
  const ends = () => all().map(({ branches }) => branches[0]?.ended?.outcome);
  assert.deepEqual(ends(), [undefined, undefined, undefined]);

  add({ jobs: [anEnd('job-x', { outcome: 'superseded' })] });
  assert.deepEqual(ends(), [undefined, undefined, 'superseded']);

  add({ jobs: [anEnd('own-three', { at: 3e3 })] });
  assert.deepEqual(ends(), ['built', 'built', 'superseded']);
  assert.deepEqual(
    all().map(({ branches }) => branches[0]?.job),
    ['own-three', 'own-three', 'job-x'],
  );
});

test('a push that joined a job that waited ends as that job', (t) => {
  const { add, all } = writer(t);
  const line = { ...aLine, own: 'own-two', outcome: 'joined' };

  add({ deliveries: [aDelivery('x', { delivery: 'two', branches: [line] })], jobs: [anEnd('job-x')] });

  assert.equal(all()[0]?.branches[0]?.ended?.outcome, 'built');
});

test('a push that joined a job that waited, and was refused when it was sent again, ends as that job all the same', (t) => {
  const { add, all } = writer(t);
  const joined = { ...aLine, own: 'own-two', outcome: 'joined' };
  const again = { ...joined, job: null, outcome: 'unavailable' };
  add({
    deliveries: [
      aDelivery('x', { delivery: 'two', branches: [joined] }),
      aDelivery('x', { delivery: 'two', status: 503, outcome: 'unavailable', branches: [again] }),
    ],
    jobs: [anEnd('job-x')],
  });

  add({ jobs: [anEnd('own-two', { outcome: 'overtaken', reason: 'it was refused; overtaken by a sweep' })] });

  assert.deepEqual(
    all().map(({ outcome, branches }) => [outcome, branches[0]?.ended?.outcome]),
    [
      ['unavailable', 'overtaken'],
      ['queued', 'built'],
    ],
  );
});

test('a push whose job was lost, and that joined one that waited when it was sent again, ends as that job the second time', (t) => {
  const { add, all } = writer(t);
  const joined = { ...aLine, own: 'own-two', outcome: 'joined' };
  const before = { ...joined, job: 'own-two', outcome: 'queued' };
  const by = 'its job was lost; overtaken by a sweep';
  add({
    deliveries: [
      aDelivery('x', { delivery: 'two', branches: [before] }),
      aDelivery('x', { delivery: 'two', at: 3e3, outcome: 'joined', branches: [joined] }),
    ],
  });

  add({ jobs: [anEnd('own-two', { outcome: 'overtaken', reason: by }), anEnd('job-x', { at: 4e3 })] });

  assert.deepEqual(
    all().map(({ outcome, branches }) => [outcome, branches[0]?.ended?.outcome]),
    [
      ['joined', 'built'],
      ['queued', 'overtaken'],
    ],
  );
  add({ jobs: [anEnd('job-x', { at: 4e3, bySweep: true })] }); // the loss is healed by the very job
  const [second, first] = all().map(({ branches }) => branches[0]?.ended);
  assert.deepEqual(second, { at: 4e3, outcome: 'built', reason: null });
  assert.match(first?.reason ?? '', /^its job was lost; healed by the sweep/);
});

test('a job that ends again, after a retry, is shown with its last end', (t) => {
  const { add, all } = writer(t);
  add({ deliveries: [aDelivery('x')], jobs: [anEnd('job-x', { outcome: 'failed' })] });

  add({ jobs: [anEnd('job-x', { at: 3_000 })] });

  assert.equal(all()[0]?.branches[0]?.ended?.outcome, 'built');
});

test('a commit the sweep built and no delivery told of is missed and healed, once', (t) => {
  const { add, all } = writer(t);

  for (let time = 0; time < 2; time += 1) add({ jobs: [anEnd('sweep-1', { bySweep: true })] });

  const [missed, ...more] = all();
  assert.deepEqual(more, []);
  assert.equal(missed?.outcome, 'missed');
  assert.match(missed.reason ?? '', /^no delivery told of it; healed by the sweep at 1970-01-01T00:00:02/);
  assert.equal(missed.branches[0]?.ended?.outcome, 'built');
});

test('a commit that was not to be built is not missed when the sweep comes to that too, but what the sweep builds all the same is', (t) => {
  const { add, all } = writer(t);
  const line = { ...aLine, job: null, own: null, outcome: 'ignored', reason: 'the head commit asks not to be built' };
  add({ deliveries: [aDelivery('x', { status: 200, outcome: 'ignored', branches: [line] })] });

  add({ jobs: [anEnd('sweep-1', { bySweep: true, outcome: 'skipped' })] });
  add({ jobs: [anEnd('sweep-2', { bySweep: true, outcome: 'failed' })] });
  assert.deepEqual(
    all().map(({ outcome }) => outcome),
    ['ignored'],
  );

  add({ jobs: [anEnd('sweep-3', { bySweep: true })] });
  const [missed, ...others] = all();
  assert.equal(missed?.outcome, 'missed');
  assert.match(missed.reason ?? '', /^no delivery asked for its build; healed by the sweep at 1970/);
  assert.equal(others.length, 1);
});

test('a delivery whose job was lost is shown as healed when the sweep built its commit, and is not missed', (t) => {
  const { add, all } = writer(t);
  add({ deliveries: [aDelivery('x')] });

  add({ jobs: [anEnd('sweep-1', { bySweep: true })] });

  const [delivery, ...more] = all();
  assert.deepEqual(more, []);
  assert.equal(delivery?.branches[0]?.ended?.outcome, 'built');
  assert.match(delivery.branches[0].ended.reason ?? '', /^its job was lost; healed by the sweep/);
});

test('a delivery that was overtaken when its job was lost is healed all the same once the sweep built its commit', (t) => {
  const { add, all } = writer(t);
  add({ deliveries: [aDelivery('x')], jobs: [anEnd('job-x', { outcome: 'overtaken' })] });

  add({ jobs: [anEnd('sweep-1', { bySweep: true })] });

  assert.equal(all()[0]?.branches[0]?.ended?.outcome, 'built');
});

const refused = (branch: string): Partial<DeliveryLine> => ({
  status: 503,
  outcome: 'unavailable',
  branches: [{ ...aLine, branch, job: null, own: `own-${branch}`, outcome: 'unavailable', reason: 'Redis is away' }],
});

test('a delivery that was refused is shown as healed when the sweep built its commit, and is not missed', (t) => {
  const { add, all, openLines } = writer(t);
  add({ deliveries: [aDelivery('x', refused('x'))] });
  assert.deepEqual(all()[0]?.branches[0]?.ended, null);
  assert.deepEqual(
    openLines().map(({ job, isRefused, awaited }) => [job, isRefused, ...awaited]),
    [['own-x', true, 'own-x']],
  );

  add({ jobs: [anEnd('sweep-1', { bySweep: true })] });

  assert.deepEqual(openLines(), []);
  assert.deepEqual(all({ outcome: 'missed' }), []);
  const [delivery, ...more] = all({ outcome: 'built' });
  assert.deepEqual(more, []);
  assert.deepEqual(
    [delivery?.outcome, delivery?.branches[0]?.ended],
    [
      'unavailable',
      { at: 2_000, outcome: 'built', reason: 'it was refused; healed by the sweep at 1970-01-01T00:00:02.000Z' },
    ],
  );
});

test('a delivery that was refused and kept all the same ends as its job', (t) => {
  const { add, all } = writer(t);
  add({ deliveries: [aDelivery('x', refused('x'))] });

  add({ jobs: [anEnd('own-x', { madeFor: { delivery: 'id-x', at: 900, commit } })] });
  add({ jobs: [anEnd('sweep-1', { bySweep: true, outcome: 'unchanged', reason: 'it stands' })] });

  assert.deepEqual(
    all().map(({ branches }) => branches[0]?.ended),
    [{ at: 2_000, outcome: 'built', reason: null }],
  );
});

test('what an earlier Bough noted of a delivery that was refused is no reason to call the push missed', (t) => {
  const { add, all } = writer(t);
  add({ deliveries: [aDelivery('x', { branches: [{ ...aLine, job: null, own: null, outcome: 'unavailable' }] })] });

  add({ jobs: [anEnd('sweep-1', { bySweep: true })] });

  assert.deepEqual(
    all().map(({ branches }) => branches[0]?.ended),
    [null],
  );
});

for (const [what, told, said] of [
  ['refused', refused('x'), 'it was refused'],
  ['lost', {}, 'its job was lost'],
] as const) {
  test(`what was ${what} is only found by a sweep whose build fails, and healed by the next that does not`, (t) => {
    const { add, all } = writer(t);
    const end = () => all().map(({ branches }) => branches[0]?.ended);
    add({ deliveries: [aDelivery('x', told)] });

    add({ jobs: [anEnd('sweep-1', { bySweep: true, outcome: 'failed', reason: 'NIX_BUSY: no' })] });
    assert.deepEqual(end(), [
      { at: 2_000, outcome: 'failed', reason: `${said}; found by the sweep at 1970-01-01T00:00:02.000Z: NIX_BUSY: no` },
    ]);

    add({ jobs: [anEnd('sweep-2', { bySweep: true, at: 3e3 })] });
    assert.deepEqual(end(), [
      { at: 3_000, outcome: 'built', reason: `${said}; healed by the sweep at 1970-01-01T00:00:03.000Z` },
    ]);
  });
}

test('a missed push is only found by a sweep whose build fails, and healed by a retry or the next that does not', (t) => {
  for (const again of ['sweep-1', 'sweep-2']) {
    const { add, all } = writer(t);
    const shown = () =>
      all().map(({ outcome, reason, branches }) => [outcome, reason, branches[0]?.job, branches[0]?.ended?.outcome]);

    add({ jobs: [anEnd('sweep-1', { bySweep: true, outcome: 'failed' })] });
    const found = 'no delivery told of it; found by the sweep at 1970-01-01T00:00:02.000Z';
    assert.deepEqual(shown(), [['missed', found, 'sweep-1', 'failed']]);

    add({ jobs: [anEnd(again, { bySweep: true, at: 3e3 })] });
    const healed = 'no delivery told of it; healed by the sweep at 1970-01-01T00:00:03.000Z';
    assert.deepEqual(shown(), [['missed', healed, again, 'built']]);
  }
});

for (const [what, since] of [
  ['after another head was built, as by a force-push back', ['unchanged', 'y']],
  ['after it was built, as of a branch that was deleted and is there again', ['built', null]],
] as const) {
  test(`a commit a delivery once told of is missed ${what}`, (t) => {
    const { add, all } = writer(t);
    const [outcome, other] = since;
    add({ deliveries: [aDelivery('x')], jobs: [anEnd('job-x')] });
    const line = { ...aLine, commit: 'b'.repeat(40), job: 'job-other', own: 'job-other' };
    if (other !== null) add({ deliveries: [aDelivery('x', { branches: [line] })], jobs: [anEnd('job-other')] });

    for (let time = 0; time < 2; time += 1)
      add({ jobs: [anEnd('sweep-1', { bySweep: true, outcome, began: 2.5e3, at: 3e3 })] });

    const missed = all({ outcome: 'missed' });
    assert.deepEqual(
      missed.map(({ reason, branches }) => [reason, branches[0]?.commit]),
      [['no delivery told of it again; healed by the sweep at 1970-01-01T00:00:03.000Z', commit]],
    );
  });
}

test('a commit a delivery told of is not missed because the sweep saw it too, or built it after a failure', (t) => {
  for (const [own, swept] of [
    ['built', { outcome: 'unchanged', began: 2.5e3 }],
    ['built', { outcome: 'built', began: 1.8e3 }], // while the other was under way
    ['failed', { outcome: 'built', began: 2.5e3 }],
    ['failed', { outcome: 'failed', began: 2.5e3 }],
  ] as const) {
    const { add, all } = writer(t);
    add({ deliveries: [aDelivery('x')], jobs: [anEnd('job-x', { outcome: own })] });

    add({ jobs: [anEnd('sweep-1', { bySweep: true, at: 3e3, ...swept })] });

    assert.deepEqual(
      all().map(({ outcome, branches }) => [outcome, branches[0]?.ended?.outcome]),
      [['queued', own]],
    );
  }
});

test('that a delivery was overtaken is not noted over an end that came meanwhile', (t) => {
  const { add, all } = writer(t);
  add({ deliveries: [aDelivery('x')], jobs: [anEnd('job-x')] });

  add({ jobs: [anEnd('job-x', { outcome: 'overtaken', at: 3e3 })] });

  assert.equal(all()[0]?.branches[0]?.ended?.outcome, 'built');
});

test('what has no end is open, with the jobs that may still bring one, until it has', (t) => {
  const { add, openLines } = writer(t);
  const joining = (delivery: string): Partial<DeliveryLine> => ({
    delivery,
    outcome: 'joined',
    branches: [{ ...aLine, commit: 'b'.repeat(40), own: `own-${delivery}`, outcome: 'joined' }],
  });
  const open = () => openLines().map(({ job, awaited }) => [job, ...awaited]);
  add({ deliveries: [aDelivery('x'), aDelivery('x', joining('two')), aDelivery('x', joining('three'))] });
  add({ deliveries: [aDelivery('none', { branches: [{ ...aLine, job: null, own: null, outcome: 'unavailable' }] })] });
  assert.deepEqual(open(), [
    ['job-x', 'job-x'],
    ['job-x', 'job-x'],
    ['job-x', 'job-x'],
  ]);

  add({ jobs: [anEnd('job-x', { outcome: 'superseded' })] });
  const [two, three] = ['own-two', 'own-three'];
  assert.deepEqual(open(), [
    [two, three, two],
    [three, three],
  ]);

  add({ jobs: [anEnd('own-three')] });
  assert.deepEqual(open(), []);
  add({ deliveries: [aDelivery('y')] });
  assert.deepEqual(openLines(), [
    {
      at: 1_000,
      project: 'demo',
      branch: 'y',
      commit,
      job: 'job-y',
      isRefused: false,
      awaited: ['job-y'],
      joined: null,
    },
  ]);
});

test('a delivery that an earlier receiver did not write down any more is told of by its job, with all its branches', (t) => {
  const { add, all } = writer(t);
  const madeFor = { delivery: 'unwritten', at: 4e3, commit };
  const ends = ['x', 'y'].map((branch) => anEnd(`job-${branch}`, { branch, madeFor, at: 6e3 }));

  for (let time = 0; time < 2; time += 1) for (const end of ends) add({ jobs: [end] });

  const [line, ...more] = all();
  assert.deepEqual(more, []);
  assert.deepEqual([line?.at, line?.delivery, line?.outcome, line?.status], [4_000, 'unwritten', 'queued', null]);
  assert.match(line?.reason ?? '', /^the receiver ended before it was written down/);
  assert.deepEqual(
    line?.branches.map(({ branch, job, ended }) => [branch, job, ended?.outcome]),
    [
      ['x', 'job-x', 'built'],
      ['y', 'job-y', 'built'],
    ],
  );
});

test('what joined the job of another and was not written down any more is told of by what is remembered of it', (t) => {
  const { add, all, missing, recover } = writer(t);
  const joined = { own: 'own-1', job: 'job-x', at: 4e3, project: 'demo', branch: 'x', commit, delivery: 'unwritten' };
  const later = { ...joined, own: 'own-2', at: 4.5e3, delivery: 'unwritten-2' };
  add({ deliveries: [aDelivery('x')] });
  const remembered = [
    later,
    joined,
    { ...joined, delivery: 'id-x' }, // is on record
    { ...joined, delivery: 'of now', at: 6e3 }, // is to be written down
    { ...joined, delivery: 'too old', at: 1e3 },
  ];

  const found = missing(remembered, 2e3);
  recover(found);
  assert.deepEqual(missing(remembered, 2e3), []);
  recover(found); // as after a crash in between
  recover([{ ...joined, own: 'own-y', branch: 'y' }]);

  assert.deepEqual(
    all().map(({ delivery, at, outcome, branches }) => [
      delivery,
      at,
      outcome,
      branches.map(({ branch, job }) => `${branch}: ${job}`),
    ]),
    [
      ['unwritten-2', 4_500, 'joined', ['x: job-x']],
      ['unwritten', 4_000, 'joined', ['x: job-x', 'y: job-x']],
      ['id-x', 1_000, 'queued', ['x: job-x']],
    ],
  );
  assert.match(all()[0]?.reason ?? '', /^the receiver ended before it was written down/);
});

test('a delivery that is written down, or is to be, is not told of by its job', (t) => {
  const { add, all } = writer(t);
  add({ deliveries: [aDelivery('x', { at: 4e3 })] });

  add({ jobs: [anEnd('job-x', { madeFor: { delivery: 'id-x', at: 3e3, commit } })] });
  add({ jobs: [anEnd('job-y', { madeFor: { delivery: 'id-y', at: 6e3, commit } })] });

  assert.deepEqual(
    all().map(({ delivery, reason }) => [delivery, reason]),
    [['id-x', null]],
  );
});

test('refusals are counted by source and reason, at most a thousand kinds an hour', (t) => {
  const { add, database } = writer(t);
  const refusal = { at: 5, project: 'demo', source: '192.0.2.9', status: 401, reason: 'wrong', count: 3 };

  add({ refusals: [refusal, { ...refusal, at: 9, count: 4 }] });
  for (let each = 0; each < 1_100; each += 1) add({ refusals: [{ ...refusal, source: `source ${each}`, count: 1 }] });

  const found = readRefusals(database, 5_000);
  assert.equal(found.length, 1_001);
  const { at: _, ...kind } = refusal;
  assert.deepEqual(found[0], { ...kind, count: 7, first: 5, last: 9 });
  assert.equal(found.find(({ source }) => source === 'others')?.count, 101);
});

test('what is too old is forgotten', (t) => {
  const { add, all, prune, database } = writer(t);
  add({ deliveries: [aDelivery('old'), aDelivery('new', { at: 9_000 })], jobs: [anEnd('job-old')] });

  prune(5_000);

  assert.deepEqual(
    all().map(({ delivery }) => delivery),
    ['id-new'],
  );
  assert.equal(database.prepare('SELECT count(*) AS n FROM branches').get()?.['n'], 1);
  assert.equal(database.prepare('SELECT count(*) AS n FROM jobs').get()?.['n'], 0);
});

test('of more than 500,000 deliveries the last are kept', (t) => {
  const { add, all, prune, database } = writer(t);
  add({ deliveries: [aDelivery('first'), aDelivery('second')] });
  database.exec(`UPDATE sqlite_sequence SET seq = 500000 WHERE name = 'deliveries'`); // as if so many had come
  add({ deliveries: [aDelivery('last')] });

  prune(0);

  assert.deepEqual(
    all().map(({ delivery }) => delivery),
    ['id-last', 'id-second'],
  );
});

test('when it is opened, and each hour, the ledger forgets what by the clock is older than 30 days, and nothing else', async (t) => {
  const { layout } = tempHost(t);
  const from = Date.now();
  const daysAgo = (days: number) => from - days * 86_400_000;
  const earlier = openLedgerWriter(layout.ledger, 0);
  const deliveries = [
    aDelivery('of 30 days and a minute', { at: daysAgo(30) - 60_000 }),
    aDelivery('of 30 days in half an hour', { at: daysAgo(30) + 1_800_000 }),
    aDelivery('of 29 days', { at: daysAgo(29) }),
  ];
  earlier.write({ ...nothing, deliveries });
  earlier.close();
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: from });
  const ledger = openLedger({ path: layout.ledger, keepSec: Receiver.parse({}).keepDeliveries, log });
  t.after(async () => await ledger.close());
  const kept = async () => (await ledger.deliveries({ limit: 9 })).map(({ delivery }) => delivery);

  assert.deepEqual(await kept(), ['id-of 29 days', 'id-of 30 days in half an hour']);
  t.mock.timers.tick(3_600_000);
  assert.deepEqual(await kept(), ['id-of 29 days']);
});

test('a ledger of an earlier Bough is read and written on, that Bough can go on with it, and one of another version is not touched', (t) => {
  const { layout } = tempHost(t);
  const first = openLedgerWriter(layout.ledger, 0);
  first.write({ ...nothing, deliveries: [aDelivery('x', { branches: [{ ...aLine, outcome: 'joined' }] })] });
  first.write({ ...nothing, jobs: [anEnd('job-x')] });
  first.database.exec('ALTER TABLE branches DROP COLUMN own; ALTER TABLE branches DROP COLUMN deleted');
  first.close();
  const reader = openLedgerReader(layout.ledger);
  assert.deepEqual(
    readDeliveries(reader, { limit: 9 }).map(({ branches }) => branches[0]?.ended?.outcome),
    ['built'],
  );
  reader.close();

  const second = openLedgerWriter(layout.ledger, 0);
  second.write({ ...nothing, deliveries: [aDelivery('y')] });
  second.database.exec(
    `INSERT INTO branches (seq, project, branch, outcome) VALUES (2, 'demo', 'as before', 'queued')`,
  );
  assert.deepEqual(
    readDeliveries(second.database, { limit: 9 }).map(({ branches }) => branches.map(({ branch }) => branch)),
    [['y', 'as before'], ['x']],
  );
  second.database.exec('PRAGMA user_version = 99');
  second.close();

  assert.throws(() => openLedgerWriter(layout.ledger, 0), /the ledger is of version 99, and this Bough writes 1/);
});

test('what is noted is written soon, is there once it is closed, and can be read without the writer', async (t) => {
  const { layout } = tempHost(t);
  const ledger = openLedger({ path: layout.ledger, keepSec: 10_000, log });
  ledger.delivered(aDelivery('x', { at: Date.now() }));
  await until('it is written', async () => (await ledger.deliveries({ limit: 9 })).length === 1);
  ledger.delivered(aDelivery('y', { at: Date.now() }));
  ledger.ended([anEnd('job-y', { at: Date.now() })]);

  await ledger.close();

  const reader = openLedgerReader(layout.ledger);
  t.after(() => reader.close());
  const found = readDeliveries(reader, { limit: 9 });
  assert.deepEqual(
    found.map(({ delivery }) => delivery),
    ['id-y', 'id-x'],
  );
  assert.equal(found[0]?.branches[0]?.ended?.outcome, 'built');
  const again = openLedger({ path: layout.ledger, keepSec: 10_000, log });
  const known = { id: 'job-y', at: found[0]?.branches[0]?.ended?.at ?? 0 };
  const fresh = { id: 'job-y', at: known.at + 1 };
  assert.deepEqual(await again.news([known, fresh, { id: 'job-z', at: 3 }]), [fresh], 'and nothing too old to be kept');
  assert.deepEqual(await again.sources(9), ['192.0.2.1']);
  await again.close();
});

test('while it cannot be written lines wait, the log says so, and they are written when it can', async (t) => {
  const { layout } = tempHost(t);
  const said: string[] = [];
  const told = pino({ level: 'info' }, { write: (line: string) => said.push(JSON.parse(line).msg) });
  mkdirSync(layout.ledger, { recursive: true }); // a folder is no database
  const ledger = openLedger({ path: layout.ledger, keepSec: 10_000, log: told });
  ledger.delivered(aDelivery('x', { at: Date.now() }));
  ledger.refused({ at: Date.now(), project: 'demo', source: '192.0.2.9', status: 401, reason: 'wrong', count: 1 });
  await until('it says so', () => said.includes('the ledger is behind: it cannot be written now'));

  rmSync(layout.ledger, { recursive: true });

  await until('it is written', () => said.includes('the ledger is written again'));
  assert.equal((await ledger.deliveries({ limit: 9 })).length, 1);
  assert.equal((await ledger.refusals(9))[0]?.count, 1);
  await ledger.close();
});

test('what it had no room for while it could not be written is counted, ends of jobs too', async (t) => {
  const { layout } = tempHost(t);
  const said: { msg: string; lost?: number }[] = [];
  const told = pino({ level: 'info' }, { write: (line: string) => said.push(JSON.parse(line)) });
  mkdirSync(layout.ledger, { recursive: true }); // a folder is no database
  const ledger = openLedger({ path: layout.ledger, keepSec: 10_000, log: told });
  t.after(() => ledger.close());
  ledger.ended(Array.from({ length: 20_000 }, (_, index) => anEnd(`job-${index}`, { at: Date.now() })));

  ledger.ended([anEnd('job-beyond'), anEnd('job-beyond-too')]);

  await until('it is behind', () => said.some(({ msg }) => msg.startsWith('the ledger is behind')));
  rmSync(layout.ledger, { recursive: true });
  const again = await until('it is written', () => said.find(({ msg }) => msg === 'the ledger is written again'));
  assert.equal(again.lost, 2);
});
