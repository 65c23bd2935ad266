// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { deliveryJobId } from '@bough/core/queue/job-id.ts';
import { sha256 } from '@bough/host/slug.ts';
import { push } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';

const rig = useReceiver();
const jobOf = (delivery: string, branch: string) => deliveryJobId('demo', delivery, branch, sha256);

suite('what a delivery leads to', () => {
  for (const change of ['created', 'updated', 'forced'] as const) {
    test(`a branch that was ${change} is built, and the job carries no more than a hint`, async () => {
      const commit = 'c'.repeat(40);
      const answer = await rig.receiver.deliver(push('feature/x', { [change]: true, after: commit }), {
        delivery: `guid-${change}`,
      });

      assert.equal(answer.status, 202);
      assert.deepEqual(answer.body, {
        outcome: 'queued',
        job: jobOf(`guid-${change}`, 'feature/x'),
      });
      const job = await rig.queues.build.getJob(jobOf(`guid-${change}`, 'feature/x'));
      assert.deepEqual(job?.data, {
        project: 'demo',
        branch: 'feature/x',
        asked: { by: 'delivery', delivery: `guid-${change}` },
        seen: commit,
      });
    });
  }

  test('the production branch goes before all others', async () => {
    await rig.receiver.deliver(push('feature/x'), { delivery: 'first' });
    await rig.receiver.deliver(push('main'), { delivery: 'second' });

    assert.equal((await rig.queues.build.getJob(jobOf('first', 'feature/x')))?.priority, 10);
    assert.equal((await rig.queues.build.getJob('delivery-demo--second--main'))?.priority, 0);
  });

  test('a deletion wakes the sweep, whichever of the two events tells of it', async () => {
    const first = await rig.receiver.deliver(push('feature/x', { deleted: true }), { delivery: 'd1' });
    const second = await rig.receiver.deliver(
      { ref: 'feature/x', ref_type: 'branch' },
      { event: 'delete', delivery: 'd2' },
    );

    assert.deepEqual([first.status, first.body], [202, { outcome: 'queued', job: 'delivery-demo--d1' }]);
    assert.deepEqual([second.status, second.body.outcome, second.body.job], [202, 'joined', 'delivery-demo--d1']);
    assert.deepEqual(await rig.queues.waiting(), [
      { queue: 'sweep', name: 'sweep', project: 'demo', branch: undefined },
    ]);
  });

  for (const [what, payload, event, reason] of [
    ['a tag', { ...push('x'), ref: 'refs/tags/v1' }, 'push', /tag/],
    ['a ref that is neither', { ...push('x'), ref: 'refs/notes/commits' }, 'push', /not a branch/],
    ['a deleted tag', { ref: 'v1', ref_type: 'tag' }, 'delete', /tag/],
    ['a branch name git would refuse', push('a..b'), 'push', /not a branch name git accepts/],
    ['a branch name that is an option', push('--upload-pack=x'), 'push', /not a branch name git accepts/],
    ['a branch name of 256 bytes', push('x'.repeat(256)), 'push', /longer than 255 bytes/],
    [
      'a commit that asks not to be built',
      push('x', { message: 'Docs only [skip ci]' }),
      'push',
      /asks not to be built/,
    ],
    ['a branch the project excludes', push('wip/x'), 'push', /excludes branches that match wip/],
    ['another event', { action: 'opened' }, 'issues', /issues/],
    ['an event nobody knows yet', {}, 'something_new', /something_new/],
  ] as const) {
    test(`${what} is answered 200 with the reason, and nothing is queued`, async () => {
      const answer = await rig.receiver.deliver(payload, { event });

      assert.equal(answer.status, 200);
      assert.equal(answer.body.outcome, 'ignored');
      assert.match(answer.body.reason ?? '', reason);
      assert.deepEqual(await rig.queues.waiting(), []);
    });
  }
});

suite('the same again', () => {
  test('a second push of a branch joins the job that waits', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'one' });
    const second = await rig.receiver.deliver(push('x', { after: 'd'.repeat(40) }), { delivery: 'two' });

    assert.deepEqual([second.status, second.body.outcome, second.body.job], [202, 'joined', 'delivery-demo--one--x']);
    assert.equal((await rig.queues.waiting()).length, 1);
  });

  test('branches whose names clean to the same text have jobs of their own', async () => {
    for (const branch of ['feature/x', 'feature-x', 'Feature/X']) await rig.receiver.deliver(push(branch));

    assert.equal((await rig.queues.waiting()).length, 3);
  });

  test('a push that meets the running job of its branch makes one more run follow', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'running' });
    await using worker = await rig.queues.startWorker();
    await worker.running('delivery-demo--running--x');

    const during = await Promise.all(
      ['n1', 'n2', 'n3'].map((delivery) => rig.receiver.deliver(push('x'), { delivery })),
    );
    for (const answer of during)
      assert.deepEqual(
        [answer.status, answer.body.outcome, answer.body.job],
        [202, 'joined', 'delivery-demo--running--x'],
      );
    worker.finish();
    const follower = await worker.running(/^delivery-demo--n[123]--x$/);
    worker.finish();
    await until('the follower has ended', async () => (await rig.queues.build.getJob(follower))?.isCompleted());

    assert.deepEqual(await rig.queues.build.getCompletedCount(), 2);
  });

  test('the same delivery is answered with the same job, and nothing runs twice', async () => {
    const first = await rig.receiver.deliver(push('x'), { delivery: 'same' });
    const again = await Promise.all(
      Array.from({ length: 20 }, () => rig.receiver.deliver(push('x'), { delivery: 'same' })),
    );

    assert.equal(first.body.outcome, 'queued');
    for (const answer of again)
      assert.deepEqual(
        [answer.status, answer.body.outcome, answer.body.job],
        [202, 'repeated', 'delivery-demo--same--x'],
      );
    assert.equal((await rig.queues.waiting()).length, 1);
  });

  test('twenty at once of the same delivery make one job', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => rig.receiver.deliver(push('x'), { delivery: 'burst' })),
    );

    for (const answer of answers) assert.deepEqual([answer.status, answer.body.job], [202, 'delivery-demo--burst--x']);
    assert.equal((await rig.queues.waiting()).length, 1);
  });

  test('the same delivery after its job succeeded queues nothing', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'done' });
    await runTo('completed', 'delivery-demo--done--x');

    const again = await rig.receiver.deliver(push('x'), { delivery: 'done' });

    assert.deepEqual([again.status, again.body.outcome, again.body.job], [202, 'repeated', 'delivery-demo--done--x']);
    assert.deepEqual(await rig.queues.waiting(), []);
  });

  test('the same delivery after its job failed retries that job, once', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'red' });
    await runTo('failed', 'delivery-demo--red--x');

    const again = await Promise.all([1, 2, 3].map(() => rig.receiver.deliver(push('x'), { delivery: 'red' })));

    for (const answer of again) assert.deepEqual([answer.status, answer.body.job], [202, 'delivery-demo--red--x']);
    assert.ok(again.some((answer) => answer.body.outcome === 'retried'));
    assert.equal((await rig.queues.waiting()).length, 1);
    assert.equal((await rig.queues.build.getJob('delivery-demo--red--x'))?.attemptsMade, 0);
  });

  test('a delivery that joined a running job is answered with the run that followed, and tries it again when that failed', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'running' });
    const worker = await rig.queues.startWorker();
    await worker.running('delivery-demo--running--x');
    for (const delivery of ['early', 'late']) await rig.receiver.deliver(push('x'), { delivery });
    worker.finish();
    await worker.running('delivery-demo--late--x');
    worker.finish(new Error('the builder failed'));
    await until('it failed', async () => (await rig.queues.build.getJob('delivery-demo--late--x'))?.isFailed());
    await worker[Symbol.asyncDispose]();

    const again = await rig.receiver.deliver(push('x'), { delivery: 'early' });

    assert.deepEqual([again.status, again.body.outcome, again.body.job], [202, 'retried', 'delivery-demo--late--x']);
    assert.equal((await rig.queues.waiting()).length, 1);
  });

  test('which job a delivery joined is remembered for three days', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'one' });
    await rig.receiver.deliver(push('x'), { delivery: 'two' });

    const keys = await rig.queues.redis.keys('bough:joined:*');
    assert.deepEqual(keys, ['bough:joined:delivery-demo--two--x']);
    for (const key of [...keys, ...(await rig.queues.redis.keys('bough:followed:*'))]) {
      const left = await rig.queues.redis.ttl(key);
      assert.ok(left > 259_000 && left <= 259_200, `${key}: ${left} s`);
    }
  });

  test('a new push of a branch whose last job failed makes a new job', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'red' });
    await runTo('failed', 'delivery-demo--red--x');

    const answer = await rig.receiver.deliver(push('x'), { delivery: 'fresh' });

    assert.deepEqual(answer.body, { outcome: 'queued', job: 'delivery-demo--fresh--x' });
  });

  for (const delivery of [
    'wait',
    'active',
    'meta',
    'marker',
    'id',
    'events',
    '0',
    '0:1:2',
    'a:b:c',
    '12345',
    'x'.repeat(128),
  ]) {
    test(`the delivery id ${delivery.slice(0, 12)} does the queue no harm`, async () => {
      const answer = await rig.receiver.deliver(push('x'), { delivery });
      const next = await rig.receiver.deliver(push('y'));

      assert.deepEqual([answer.status, answer.body.outcome], [202, 'queued']);
      assert.match(answer.body.job ?? '', /^delivery-demo--(hash-[0-9a-f]{40}|[0-9a-z]+)--x$/);
      assert.equal(next.status, 202);
      assert.equal((await rig.queues.waiting()).length, 2);
    });
  }

  test('two projects never share a job, whatever id their deliveries have', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'shared' });
    const other = await rig.receiver.deliver(push('x'), {
      delivery: 'shared',
      project: 'other',
      secret: 'of the other project',
    });

    assert.deepEqual(other.body, { outcome: 'queued', job: 'delivery-other--shared--x' });
  });
});

async function runTo(state: 'completed' | 'failed', job: string): Promise<void> {
  await using worker = await rig.queues.startWorker();
  await worker.running(job);
  worker.finish(state === 'failed' ? new Error('the builder failed') : undefined);
  await until(`${job} has ${state}`, async () => (await (await rig.queues.build.getJob(job))?.getState()) === state);
}
