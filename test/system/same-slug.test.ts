// One Debian is enough: names are compared in Bough alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { slugOf } from '@bough/host/slug.ts';
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { sameSlug } from '../support/hostile-branches.ts';
import { type Installation, install } from '../support/installation.ts';
import { until } from '../support/until.ts';

const [held, rival] = sameSlug;
const slug = slugOf(held);

let bough: Installation;
before(async () => {
  bough = await install();
  await bough.push(held, appFiles({ text: 'the first' }));
  await bough.untilServes(held, 'the first');
});
after(async () => await bough[Symbol.asyncDispose]());

const outcomes = async (branch: string) => {
  const jobs = await bough.builds.getJobs(['completed', 'failed']);
  return jobs.filter(({ data }) => data.branch === branch).map(({ returnvalue }) => returnvalue);
};

test('a branch that has the slug of another is refused with the reason, and the other serves on', async () => {
  await bough.push(rival, appFiles({ text: 'the second' }));
  await bough.untilIdle();

  const [outcome, ...more] = await outcomes(rival);
  assert.partialDeepStrictEqual(outcome, {
    outcome: 'skipped',
    reason: `its slug ${slug} is that of ${held}, which is deployed: rename one of the two, or delete ${held}`,
  });
  assert.deepEqual(more, []);
  await bough.untilServes(held, 'the first from release 1');
});

test('no sweep builds either of them again, and bough status says why one is not deployed', async () => {
  const ended = await Promise.all(sameSlug.map(outcomes));
  await bough.sweep();
  await bough.sweep();

  assert.deepEqual(await Promise.all(sameSlug.map(outcomes)), ended);
  const { stdout } = await run(['status', 'demo', held]);
  assert.match(stdout, new RegExp(`${rival} is not deployed: it has the same slug, ${slug}`));
});

test('what a person asks of the one that is refused is not done to the other', async () => {
  for (const command of ['suspend', 'rollback', 'cancel', 'delete', 'status']) {
    const { code, stdout } = await run([command, 'demo', rival, '--json']);

    assert.equal(code, 1, command);
    assert.equal(JSON.parse(stdout).error.code, 'SLUG_TAKEN', stdout);
  }
  await bough.untilServes(held, 'the first from release 1');
});

test('once the one that held it is deleted and gone, the other is deployed', async () => {
  await bough.remove(held);
  await until('the other serves', async () => {
    await bough.sweep();
    return (await bough.get(`/${slug}/`)).body.includes('the second from release 1');
  });

  const { stdout } = await run(['status', 'demo', rival]);
  assert.match(stdout, new RegExp(`^demo +${rival} +live`, 'm'));
  assert.doesNotMatch(stdout, /same slug/);
});
