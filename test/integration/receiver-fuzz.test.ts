// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import test from 'node:test';
import { carryOut, type Fuzzed } from '../support/fuzz-deliveries.ts';
import { fuzzedProjects, samplePlans } from '../support/fuzz-plans.ts';
import type { TakenAnswer } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { dial, inChunks, onWire } from '../support/wire.ts';

const cases = 10_000;
const atOnce = 32;
const rig = useReceiver(
  Object.fromEntries(
    fuzzedProjects.map(({ name, forge, secret }) => [name, { secrets: [secret], settings: { forge } }]),
  ),
);

/** Sends it byte for byte, over a connection of its own, and reads the one answer. */
async function send({ project, headers, body, chunks }: Fuzzed): Promise<Pick<TakenAnswer, 'status' | 'body'>> {
  const [to, all] = [encodeURIComponent(project), [...headers, ['connection', 'close']] as const];
  const bytes =
    chunks === null
      ? onWire(to, all, body)
      : onWire(to, [...all, ['transfer-encoding', 'chunked']], inChunks(body, chunks));
  const { ended, received, statuses } = await dial(rig.receiver.url, [bytes]);
  await ended;
  const [status] = statuses();
  assert.ok(status !== undefined, 'it is answered');
  return { status, body: JSON.parse(received().slice(received().indexOf('\r\n\r\n'))) };
}

test(`${cases} deliveries of every forge, made wrong in body, headers and proof: none is a fault, none unproven is taken, and none good is lost`, async (t) => {
  const seed = Number(process.env['BOUGH_FUZZ_SEED'] ?? randomInt(2 ** 31));
  t.diagnostic(`BOUGH_FUZZ_SEED=${seed}`);
  const plans = samplePlans(seed, cases).values();
  const counts: Record<string, number> = {};
  let goodInChunks = 0;
  const jobs = new Set<string>();
  const good = new Map(fuzzedProjects.map(({ name }) => [name, 0]));
  const start = performance.now();

  async function sendSome(): Promise<void> {
    for (const plan of plans) {
      const one = carryOut(plan);
      const { status, body } = await send(one);
      const label = `${status} ${JSON.stringify(body)} to ${JSON.stringify({ ...one, body: String(one.body).slice(0, 2_000) })}`;
      counts[status] = (counts[status] ?? 0) + 1;
      assert.ok(status < 500, label);
      const isAnsweredTest = one.isUnsignedTest && status === 200 && body.outcome === 'pong';
      assert.ok(one.isProven || isAnsweredTest || status >= 400, `unproven and taken: ${label}`);
      assert.ok(!one.isProven || status !== 401, `proven and refused: ${label}`);
      assert.ok(typeof body.outcome === 'string' && status < 400 === (body.outcome !== 'rejected'), label);
      for (const { job } of [body, ...(body.refs ?? [])]) if (job !== undefined) jobs.add(job);
      assert.ok(body.job === undefined || status === 202, label);
      if (one.unchanged === null) continue;
      if (one.chunks !== null) goodInChunks += 1;
      assert.equal(status, one.unchanged.answer.status, label);
      assert.equal(
        status === 202,
        body.job !== undefined || (body.refs ?? []).some(({ job }) => job !== undefined),
        label,
      );
      good.set(one.project, (good.get(one.project) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendSome));

  t.diagnostic(`${JSON.stringify(counts)} in ${Math.round(performance.now() - start)} ms`);
  t.diagnostic(`left as they were: ${JSON.stringify([...good])}; ${jobs.size} jobs`);
  for (const status of [200, 202, 400, 401, 404, 415, 422])
    assert.ok((counts[status] ?? 0) > 0, `none was answered ${status}`);
  for (const [project, number] of good) assert.ok(number > 10, `${number} good ones to ${project}`);
  assert.ok(goodInChunks > 10, `${goodInChunks} good ones in chunks`);
  const { build, sweep } = rig.queues;
  for (const job of jobs) assert.ok((await build.getJob(job)) ?? (await sweep.getJob(job)), `${job} is lost`);
  assert.ok((await fetch(`${rig.receiver.url}/readyz`)).ok);
  process.kill(rig.receiver.pid, 0); // throws when that very process is gone
  assert.deepEqual(
    rig.receiver.log.filter(({ level }) => Number(level) >= 50),
    [],
  );
});
