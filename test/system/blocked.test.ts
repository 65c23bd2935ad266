// One Debian is enough: a mask and a file in the way are links, whichever systemd reads them.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { nextFailure } from '../support/next-failure.ts';
import { visit } from '../support/visitor.ts';

let bough: Installation;
before(async () => {
  bough = await install();
  await bough.push('main', appFiles({ text: 'first' }));
  await bough.untilServes('main', 'first from release 1');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const linkOf = (seq: number) => `/run/systemd/system/${unitOf(seq)}`;
const unitOf = (seq: number, branch = 'main') => `bough-demo--${branch}--r${seq}-web.service`;
const masked = (seq: number, branch = 'main') =>
  `${unitOf(seq, branch)} is masked: it is left alone; \`systemctl unmask\` it to let Bough start it`;
const statusOf = async (branch = 'main') => {
  const { deployments } = JSON.parse((await run(['status', 'demo', branch, '--json'])).stdout);
  const { state, serving, notes } = deployments[0];
  return { state, serving, notes };
};
const failedCount = async () => await bough.reconciles.getFailedCount();

test('a push whose unit a person masked fails with the mask named, and the release before serves on', async () => {
  await systemctl('mask', unitOf(2));
  await using visitor = visit('/main/', 'first from release 1');

  const job = await nextFailure(bough.reconciles, () => bough.push('main', appFiles({ text: 'second' })));

  assert.equal(job.failedReason, `RELEASE_BLOCKED: release 2 of demo main is not started: ${masked(2)}`);
  assert.deepEqual((await visitor.leave()).wrong, []);
  assert.deepEqual(await statusOf(), {
    state: 'live',
    serving: 1,
    notes: [`release 2 is not started: ${masked(2)}`, `${unitOf(2)} is masked`],
  });
  assert.match((await run(['releases', 'demo', 'main'])).stdout, /^2 .* pending +desired\n1 .* verified +serves\n$/m);
});

test('the mask is left alone by every sweep, told as drift, and no further job fails for it', async () => {
  const earlier = await failedCount();

  await bough.sweep();

  assert.equal(await failedCount(), earlier);
  const sweep = (await bough.sweeps.getCompleted())[0];
  assert.ok(sweep?.returnvalue.findings.includes(`drift: ${masked(2)}`), JSON.stringify(sweep?.returnvalue));
  assert.match(await systemctl('show', '--property=LoadState', unitOf(2)), /masked/);
});

test('once it is unmasked the next sweep brings the release up', async () => {
  await systemctl('unmask', unitOf(2));

  await bough.sweep();

  assert.match((await get('/main/')).body, /second from release 2/);
  assert.deepEqual(await statusOf(), { state: 'live', serving: 2, notes: [] });
});

for (const [what, put, remove, block] of [
  ['a mask', () => systemctl('mask', unitOf(1)), () => systemctl('unmask', unitOf(1)), masked(1)],
  [
    "a file that is not Bough's, where a unit is to be linked,",
    () => writeFile(linkOf(1), '[Service]\nExecStart=/bin/true\n'),
    () => rm(linkOf(1)),
    `a file that is not Bough's lies where ${unitOf(1)} is linked: it is left alone; remove it`,
  ],
] as const) {
  test(`${what} keeps a rollback from passing for done, and nothing is changed by it`, async () => {
    await put();

    const { code, stderr } = await run(['rollback', 'demo', 'main', '1']);

    await remove();
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `bough: RELEASE_BLOCKED: release 1 of demo main does not come up; release 2 stays desired, as before
  because: RELEASE_BLOCKED: release 1 of demo main is not started: ${block}
`,
    );
    assert.match((await get('/main/')).body, /second from release 2/);
    assert.deepEqual(await statusOf(), { state: 'live', serving: 2, notes: [] });
  });
}

test('a branch whose first release is masked is blocked, not starting', async () => {
  await systemctl('mask', unitOf(1, 'fresh'));

  await nextFailure(bough.reconciles, () => bough.push('fresh', appFiles({ text: 'fresh' })));

  const { state, serving, notes } = await statusOf('fresh');
  assert.deepEqual([state, serving], ['blocked', null]);
  assert.equal(notes[0], `release 1 is not started: ${masked(1, 'fresh')}`);
  const page = await get('/fresh/');
  assert.equal(page.status, 503);
  assert.match(page.body, /This branch is not started/);
  await systemctl('unmask', unitOf(1, 'fresh'));
  await bough.sweep();
  await bough.untilServes('fresh', 'fresh from release 1');
});
