// One Debian is enough: what is refused is Bough's to say.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { get, type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';

let bough: Installation;
before(async () => {
  bough = await install();
});
after(async () => await bough[Symbol.asyncDispose]());

/** A job as a receiver that was taken over could add it; how it ended. */
async function inject(operation: Record<string, unknown>): Promise<{ state: string; why: string }> {
  const asked = { project: 'demo', branch: 'main', by: 'a stranger', why: '' };
  const data = { operation: { ...asked, ...operation }, asked: { by: 'person' } };
  const { id = '' } = await bough.operations.add('operate', data);
  await until(`the job ${id} has ended`, async () => {
    const state = await bough.operations.getJobState(id);
    return state === 'completed' || state === 'failed';
  });
  const job = await bough.operations.getJob(id);
  return { state: (await job?.getState()) ?? 'gone', why: job?.failedReason ?? '' };
}

test('an injected operation leads requests to no release but a verified one of the branch itself', async () => {
  await bough.push('other', appFiles({ text: 'other' }));
  for (const text of ['other again', 'other at last']) {
    await bough.untilIdle();
    await bough.push('other', appFiles({ text }));
  }
  await bough.push('main', appFiles({ text: 'fit' }));
  await bough.untilServes('main', 'fit from release 1');
  await bough.untilIdle();
  await bough.push('main', appFiles({ text: 'unfit', server: 'process.exit(3);' }));
  await bough.untilIdle();
  await bough.untilServes('other', 'other at last from release 3');

  for (const [what, operation, why] of [
    ['one that was never verified', { kind: 'rollback', release: 2 }, /was never verified \(failed\)/],
    ['one that only another branch has', { kind: 'rollback', release: 3 }, /keeps no release 3/],
    ['one that is nowhere', { kind: 'rollback', release: 4_096 }, /keeps no release 4096/],
    ['a path', { kind: 'rollback', release: '../../other/releases/3' }, /JOB_INVALID/],
    ['a store path', { kind: 'rollback', release: 1, outPath: '/nix/store/x' }, /JOB_INVALID/],
    ['a branch that is not there', { kind: 'rollback', branch: 'none', release: 1 }, /none/],
    ['a branch that climbs', { kind: 'rollback', branch: '../demo/main', release: 1 }, /\.\.\/demo\/main/],
    ['a project that is not there', { kind: 'pin', project: 'none' }, /none/],
    ['a pin to one that is to be chosen', { kind: 'pin', release: 2 }, /JOB_INVALID/],
    ['no operation at all', { kind: 'exec', argv: ['/bin/true'] }, /JOB_INVALID/],
  ] as const) {
    const ended = await inject(operation);
    assert.equal(ended.state, 'failed', what);
    assert.match(ended.why, why, what);
    assert.match((await get('/main/')).body, /^fit from release 1/, what);
  }
});

test('the same way a verified release of the branch is led to, so the refusals are not for the asker', async () => {
  assert.equal((await inject({ kind: 'rollback', branch: 'other', release: 2 })).state, 'completed');
  await bough.untilServes('other', 'other again from release 2');
});
