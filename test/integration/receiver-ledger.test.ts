// One Debian is enough: the ledger is SQLite's, which is Node's own.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test, { after, before, suite } from 'node:test';
import type { ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { openLedgerReader, readDeliveries, readRefusals } from '@bough/host/ledger/read-ledger.ts';
import { enqueueBuild, enqueueSweep } from '@bough/host/queue/enqueue.ts';
import { push, startReceiver } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';
import type { HeldWorker } from '../support/queues.ts';

const rig = useReceiver();
let worker: HeldWorker;

function read<T>(ask: (database: ReturnType<typeof openLedgerReader>) => T, path = rig.receiver.ledger): T {
  const database = openLedgerReader(path);
  try {
    return ask(database);
  } finally {
    database.close();
  }
}
const untilRecorded = async (what: string, is: (line: ShownDelivery) => boolean) =>
  await until(what, () => read((database) => readDeliveries(database, { limit: 1_000 })).find(is) ?? null);
const hasEnds = ({ branches }: ShownDelivery) => branches.every(({ ended: end }) => end !== null);
const ended = (which: string) => (line: ShownDelivery) => line.delivery === which && hasEnds(line);

/** Lets a sweep run, and waits until its end is on record. */
async function sweep(sweeps: HeldWorker): Promise<void> {
  const { job } = await enqueueSweep(rig.queues, { asked: { by: 'sweep' } });
  await sweeps.running(job);
  sweeps.finish();
  const isThere = () => read((database) => database.prepare('SELECT 1 FROM jobs WHERE job = ?').get(job) !== undefined);
  await until(`the end of ${job} is on record`, isThere);
}

/** Delivers something, and lets Redis forget it. */
async function lose(payload: object, delivery: string): Promise<{ job: string | undefined }> {
  await rig.queues.build.pause(); // it is not taken
  const { body } = await rig.receiver.deliver(payload, { delivery });
  await untilRecorded(`the delivery ${delivery}`, (line) => line.delivery === delivery);
  await rig.queues.empty();
  return { job: body.job };
}

const page = async (query = '') => {
  const authorization = `Basic ${Buffer.from(`bough:${rig.receiver.board.password}`).toString('base64')}`;
  const response = await fetch(`${rig.receiver.url}/deliveries${query}`, { headers: { authorization } });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

suite('the ledger', () => {
  before(async () => {
    worker = await rig.queues.startWorker();
    await until('the ledger is there', () => existsSync(rig.receiver.ledger));
    await until('it can be read', async () => (await page()).status === 200);
  });
  after(() => worker[Symbol.asyncDispose]());

  test('a delivery is recorded with its job, and with how that ended', async () => {
    const answer = await rig.receiver.deliver(push('recorded'), { delivery: 'recorded-1' });
    const line = await untilRecorded('the delivery', ({ delivery }) => delivery === 'recorded-1');

    assert.equal(line.status, 202);
    assert.equal(line.source, '127.0.0.1');
    assert.deepEqual(line.branches, [
      {
        branch: 'recorded',
        commit: 'b'.repeat(40),
        job: answer.body.job,
        outcome: 'queued',
        reason: null,
        ended: null,
      },
    ]);
    await worker.running(answer.body.job ?? '');
    worker.finish(new Error('BUILD_FAILED: it does not compile\nwith a log'));
    const failed = await untilRecorded(
      'its end',
      ({ delivery, branches }) => delivery === 'recorded-1' && branches[0]?.ended !== null,
    );
    assert.equal(failed.branches[0]?.ended?.outcome, 'failed');
    assert.equal(failed.branches[0].ended.reason, 'BUILD_FAILED: it does not compile');
  });

  test('a push that joins a running job is recorded with the end of the run that followed', async () => {
    const first = await rig.receiver.deliver(push('followed'), { delivery: 'followed-1' });
    await worker.running(first.body.job ?? '');
    const second = await rig.receiver.deliver(push('followed'), { delivery: 'followed-2' });
    assert.deepEqual([second.body.outcome, second.body.job], ['joined', first.body.job]);
    worker.finish();
    await worker.running('delivery-demo--followed-2--followed');
    worker.finish(new Error('BUILD_FAILED: it does not compile'));

    const line = await untilRecorded(
      'the end of its own run',
      ({ delivery, branches }) => delivery === 'followed-2' && branches[0]?.ended?.outcome === 'failed',
    );

    assert.equal(line.branches[0]?.job, 'delivery-demo--followed-2--followed');
    const earlier = await untilRecorded('the first', ({ delivery }) => delivery === 'followed-1');
    assert.equal(earlier.branches[0]?.ended?.outcome, 'done');
  });

  test('a push that joined a job and was not written down is on record, with its end, once another receiver starts', async () => {
    const tell = async (delivery: string) =>
      await enqueueBuild(
        rig.queues,
        { project: 'demo', branch: 'unwritten', seen: 'd'.repeat(40), asked: { by: 'delivery', delivery } },
        { production: false },
      );
    const first = await tell('unwritten-1');
    await worker.running(first.job);
    for (const delivery of ['unwritten-2', 'unwritten-3']) assert.equal((await tell(delivery)).outcome, 'joined');

    await using another = await startReceiver(rig.redis.url);
    const lines = () =>
      existsSync(another.ledger)
        ? read((database) => readDeliveries(database, { branch: 'unwritten', limit: 9 }), another.ledger)
        : [];
    await until('those that joined are on record', () => lines().length === 2);
    worker.finish();
    await worker.running('delivery-demo--unwritten-3--unwritten');
    worker.finish();
    await until('each has its end', () => lines().length === 3 && lines().every(hasEnds));

    const found = lines().toSorted((a, b) => a.at - b.at);
    assert.deepEqual(
      found.map(({ delivery, outcome, branches }) => [delivery, outcome, branches[0]?.commit, branches[0]?.job]),
      [
        ['unwritten-1', 'queued', 'd'.repeat(40), first.job],
        ['unwritten-2', 'joined', 'd'.repeat(40), 'delivery-demo--unwritten-3--unwritten'],
        ['unwritten-3', 'joined', 'd'.repeat(40), 'delivery-demo--unwritten-3--unwritten'],
      ],
    );
    for (const { reason } of found) assert.match(reason ?? '', /^the receiver ended before it was written down/);
  });

  test('a push that joined a running job, as the sweep did after it, has the end of the run the sweep gave its name to', async () => {
    const first = await rig.receiver.deliver(push('swept'), { delivery: 'swept-1' });
    await worker.running(first.body.job ?? '');
    const second = await rig.receiver.deliver(push('swept', { after: 'd'.repeat(40) }), { delivery: 'swept-2' });
    assert.equal(second.body.outcome, 'joined');
    const asked = { by: 'sweep' } as const;
    const joined = await enqueueBuild(rig.queues, { project: 'demo', branch: 'swept', asked }, { production: false });
    assert.equal(joined.outcome, 'joined');
    worker.finish({ outcome: 'superseded', by: 'd'.repeat(40) });
    await worker.running(joined.own);
    {
      await using sweeps = await rig.queues.startWorker('sweep');
      await sweep(sweeps);
      await sweep(sweeps); // what the first one was found to overtake is on record before the end of this
    }
    const line = () => read((database) => readDeliveries(database, { branch: 'swept', limit: 9 })).at(0);
    assert.deepEqual([line()?.delivery, line()?.branches[0]?.ended], ['swept-2', null]);
    worker.finish({ outcome: 'built', commit: 'd'.repeat(40) });

    const { branches } = await untilRecorded('its end', ended('swept-2'));

    assert.deepEqual([branches[0]?.ended?.outcome, branches[0]?.ended?.reason], ['built', null]);
  });

  test('a job that Redis lost is recorded as overtaken once a later push of its branch was built', async () => {
    const { job } = await lose(push('emptied'), 'emptied-1');
    const later = await rig.receiver.deliver(push('emptied', { after: 'c'.repeat(40) }), { delivery: 'emptied-2' });
    await worker.running(later.body.job ?? '');
    worker.finish();

    const line = await untilRecorded('the end of the first', ended('emptied-1'));

    assert.deepEqual([line.branches[0]?.job, line.branches[0]?.ended?.outcome], [job, 'overtaken']);
    assert.match(
      line.branches[0]?.ended?.reason ?? '',
      /^its job was lost; overtaken by delivery-demo--emptied-2--emptied at 20/,
    );
  });

  test('a deletion whose job Redis lost, and a push, are recorded as overtaken once a sweep has looked', async () => {
    await lose(push('deleted', { deleted: true }), 'deletion-1');
    await lose(push('also'), 'also-1');
    const sweeps = await rig.queues.startWorker('sweep');
    try {
      const { job } = await enqueueSweep(rig.queues, { asked: { by: 'sweep' } });
      await sweeps.running(job);
      sweeps.finish();
      for (const delivery of ['deletion-1', 'also-1']) {
        const { branches } = await untilRecorded(`the end of ${delivery}`, ended(delivery));
        assert.match(branches[0]?.ended?.reason ?? '', new RegExp(`^its job was lost; overtaken by ${job} at 20`));
      }
    } finally {
      await sweeps[Symbol.asyncDispose]();
    }
  });

  test('while its job waits a delivery is not taken for lost, whatever is built or swept meanwhile', async () => {
    const first = await rig.receiver.deliver(push('first'), { delivery: 'waits-0' });
    await worker.running(first.body.job ?? '');
    await rig.receiver.deliver(push('waits'), { delivery: 'waits-1' });
    await untilRecorded('the delivery', ({ delivery }) => delivery === 'waits-1');
    const sweeps = await rig.queues.startWorker('sweep');
    try {
      const { job } = await enqueueSweep(rig.queues, { asked: { by: 'sweep' } });
      await sweeps.running(job);
      sweeps.finish();
      await until('the sweep has ended', async () => (await rig.queues.sweep.getJobState(job)) === 'completed');
    } finally {
      await sweeps[Symbol.asyncDispose]();
    }
    worker.finish();
    await worker.running('delivery-demo--waits-1--waits');
    worker.finish(new Error('BUILD_FAILED: it does not compile'));

    const line = await untilRecorded('its end', ended('waits-1'));

    assert.equal(line.branches[0]?.ended?.outcome, 'failed');
  });

  test('a job that ends after the clock was set back is recorded with its end', async () => {
    const ahead = await rig.receiver.deliver(push('ahead'), { delivery: 'ahead-1' });
    await worker.running(ahead.body.job ?? '');
    worker.finish();
    await until('it has ended', async () => (await rig.queues.build.getJobState(ahead.body.job ?? '')) === 'completed');
    // As if it had ended while the clock was a day ahead.
    const { redis, build } = rig.queues;
    const tomorrow = Date.now() + 86_400_000;
    await redis.hset(build.toKey(ahead.body.job ?? ''), 'finishedOn', tomorrow);
    await redis.zadd(build.toKey('completed'), tomorrow, ahead.body.job ?? '');
    await untilRecorded('the first', ({ branches }) => branches[0]?.ended?.at === tomorrow);
    const behind = await rig.receiver.deliver(push('behind'), { delivery: 'behind-1' });
    await worker.running(behind.body.job ?? '');
    worker.finish();

    await untilRecorded('the second', ended('behind-1'));
  });

  test('what is understood and not done is recorded with its reason', async () => {
    await rig.receiver.deliver(push('wip/x'), { delivery: 'ignored-1' });

    const line = await untilRecorded('the delivery', ({ delivery }) => delivery === 'ignored-1');
    assert.deepEqual([line.status, line.outcome], [200, 'ignored']);
    assert.ok(line.reason);
    assert.deepEqual(
      line.branches.map(({ branch, outcome, reason }) => ({ branch, outcome, reason })),
      [{ branch: 'wip/x', outcome: 'ignored', reason: line.reason }],
    );
  });

  test('a build the sweep asked for, of a commit nobody told of, is recorded as missed', async () => {
    const seen = 'e'.repeat(40);
    const job = { project: 'demo', branch: 'unheard-of', asked: { by: 'sweep' } as const, seen };
    const { job: id } = await enqueueBuild(rig.queues, job, { production: false });
    await worker.running(id);
    worker.finish({ outcome: 'built', commit: seen });

    const line = await untilRecorded('the missed push', ({ outcome }) => outcome === 'missed');
    assert.equal(line.branches[0]?.branch, 'unheard-of');
    assert.match(line.reason ?? '', /no delivery told of it; healed by the sweep at 20/);
  });

  test('a delivery Redis could not keep is recorded with its branch, and as healed when the sweep built it', async () => {
    const seen = 'f'.repeat(40);
    await rig.queues.build.pause(); // what is kept after the answer all the same is not taken
    rig.redis.freeze();
    const answer = await rig.receiver.deliver(push('refused', { after: seen }), { delivery: 'refused-1' });
    rig.redis.thaw();
    assert.equal(answer.status, 503);

    const line = await untilRecorded('the delivery', ({ delivery }) => delivery === 'refused-1');
    assert.deepEqual(
      [line.outcome, line.branches[0]?.branch, line.branches[0]?.commit],
      ['unavailable', 'refused', seen],
    );
    await until('a delivery is taken again', async () => (await rig.receiver.deliver(push('probe'))).status === 202);
    await rig.queues.empty();
    const job = { project: 'demo', branch: 'refused', asked: { by: 'sweep' } as const, seen };
    const { job: id } = await enqueueBuild(rig.queues, job, { production: false });
    await worker.running(id);
    worker.finish({ outcome: 'built', commit: seen });
    const { branches } = await untilRecorded('its end', ended('refused-1'));
    assert.equal(branches[0]?.ended?.outcome, 'built');
    assert.match(branches[0].ended.reason ?? '', /^it was refused; healed by the sweep at 20/);
    assert.match((await page('?branch=refused')).text, /it was refused; healed by the sweep at 20/);
    assert.deepEqual(
      read((database) => readDeliveries(database, { branch: 'refused', limit: 9 })).map(({ outcome }) => outcome),
      ['unavailable'],
    );
  });

  test('deliveries without a right signature are counted, and no line is made of them', async () => {
    for (let time = 0; time < 5; time += 1)
      await rig.receiver.deliver(push('x'), { secret: 'wrong', delivery: 'unsigned', project: 'demo' });

    const refusal = await until('they are counted', () =>
      read((database) => readRefusals(database, 100)).find(({ project, count }) => project === 'demo' && count === 5),
    );
    assert.deepEqual([refusal.status, refusal.source, refusal.reason], [401, '127.0.0.1', 'the signature is wrong']);
    assert.equal(
      read((database) => readDeliveries(database, { limit: 1_000 })).filter(({ delivery }) => delivery === 'unsigned')
        .length,
      0,
    );
  });

  test('the page shows deliveries to those who know the password, and what came from outside is text', async () => {
    await rig.receiver.deliver(push('<img src=x>'), { delivery: '<script>1</script>' });
    await untilRecorded('the delivery', ({ delivery }) => delivery === '<script>1</script>');

    const shown = await page();

    assert.equal((await fetch(`${rig.receiver.url}/deliveries`)).status, 401);
    assert.equal(shown.status, 200);
    assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    assert.doesNotMatch(shown.text, /<script|<img/);
    assert.match(shown.text, /&#60;script&#62;1/);
    assert.match((await page('?outcome=missed')).text, /unheard-of/);
    assert.doesNotMatch((await page('?outcome=missed')).text, /recorded-1/);
    assert.match((await page('?project=other')).text, /None\./);
    assert.equal((await page('?before=x')).status, 400);
  });
});
