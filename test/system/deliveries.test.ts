// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

let bough: Installation;

before(async () => {
  bough = await install();
  for (const each of [bough.redis, bough.builds, bough.reconciles]) each.on('error', () => undefined); // it is stopped
});
after(async () => await bough[Symbol.asyncDispose]());

interface Shown {
  readonly outcome: string;
  readonly reason: string | null;
  readonly branches: readonly { branch: string; commit: string; ended: { outcome: string } | null }[];
}

async function deliveries(...words: string[]): Promise<Shown[]> {
  const { code, stdout, stderr } = await run(['deliveries', ...words, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).deliveries;
}
const untilEnded = async (branch: string) =>
  await until(
    `the build of ${branch} is on record`,
    async () => (await deliveries('demo', '--branch', branch)).find(({ branches }) => branches[0]?.ended != null),
    60_000,
  );

test('a push that was delivered is listed with what became of it', async () => {
  const commit = await bough.push('main', appFiles({ text: 'first' }));
  await bough.untilServes('main', 'first');

  const { outcome, branches } = await untilEnded('main');
  assert.deepEqual([outcome, branches[0]?.commit, branches[0]?.ended?.outcome], ['queued', commit, 'built']);
});

test('a push nobody delivered is listed as missed and healed once the sweep built it', async () => {
  const commit = await bough.repository.commit('quiet', appFiles({ text: 'quiet' }));
  await bough.sweep();
  await bough.untilServes('quiet', 'quiet');

  const { outcome, reason, branches } = await untilEnded('quiet');
  assert.deepEqual([outcome, branches[0]?.commit, branches[0]?.ended?.outcome], ['missed', commit, 'built']);
  assert.match(reason ?? '', /no delivery told of it; healed by the sweep at 20/);
});

test('with Redis, the receiver and the worker down the deliveries are listed all the same', async () => {
  await systemctl('stop', 'bough-receiver.service', 'bough-worker.service', 'bough-redis.service');

  assert.deepEqual(
    (await deliveries('demo')).map(({ outcome }) => outcome),
    ['missed', 'queued'],
  );
  const { stdout } = await run(['deliveries', 'demo', '--outcome', 'missed']);
  assert.match(stdout, /^WHEN +PROJECT +BRANCH/);
  assert.match(stdout, /demo +quiet +[0-9a-f]{12} .* missed: no delivery told of it/);
});
