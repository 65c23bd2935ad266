import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test, { after, before, suite } from 'node:test';
import type { ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { openLedgerReader, readDeliveries, readRefusals } from '@bough/host/ledger/read-ledger.ts';
import { enqueueBuild } from '@bough/host/queue/enqueue.ts';
import { push } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';
import type { HeldWorker } from '../support/queues.ts';

const rig = useReceiver();
let worker: HeldWorker;

function read<T>(ask: (database: ReturnType<typeof openLedgerReader>) => T): T {
  const database = openLedgerReader(rig.receiver.ledger);
  try {
    return ask(database);
  } finally {
    database.close();
  }
}
const untilRecorded = async (what: string, is: (line: ShownDelivery) => boolean) =>
  await until(what, () => read((database) => readDeliveries(database, { limit: 1_000 })).find(is) ?? null);
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
    const ended = await untilRecorded(
      'its end',
      ({ delivery, branches }) => delivery === 'recorded-1' && branches[0]?.ended !== null,
    );
    assert.equal(ended.branches[0]?.ended?.outcome, 'failed');
    assert.equal(ended.branches[0].ended.reason, 'BUILD_FAILED: it does not compile');
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

  test('what is understood and not done is recorded with its reason', async () => {
    await rig.receiver.deliver(push('wip/x'), { delivery: 'ignored-1' });

    const line = await untilRecorded('the delivery', ({ delivery }) => delivery === 'ignored-1');
    assert.deepEqual([line.status, line.outcome, line.branches], [200, 'ignored', []]);
    assert.ok(line.reason);
  });

  test('a build the sweep asked for, of a commit nobody told of, is recorded as missed', async () => {
    const seen = 'e'.repeat(40);
    const job = { project: 'demo', branch: 'unheard-of', asked: { by: 'sweep' } as const, seen };
    const { job: id } = await enqueueBuild(rig.queues, job, { production: false });
    await worker.running(id);
    worker.finish();

    const line = await untilRecorded('the missed push', ({ outcome }) => outcome === 'missed');
    assert.equal(line.branches[0]?.branch, 'unheard-of');
    assert.match(line.reason ?? '', /no delivery told of it; healed by the sweep at 20/);
  });

  test('a delivery Redis could not keep is recorded with its branch, and as healed when the sweep built it', async () => {
    const seen = 'f'.repeat(40);
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
