// One Debian is enough: what is recorded in which order is Bough's.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { appFiles, buildRuns } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { idOf, record, running, statusOf } from '../support/limits.ts';
import { until } from '../support/until.ts';

const tokenFile = '/srv/bough-test/token';
let bough: Installation;
before(async () => {
  bough = await install({}, { credentials: [{ name: 'token', file: tokenFile }] });
  await writeFile(tokenFile, 'first');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

/** Pushes what is built until `letEnd`, and waits until that has begun. */
async function beginToBuild(branch: string, text: string): Promise<void> {
  await bough.push(branch, appFiles({ text, build: `while ! [ -e ${mayEnd(text)} ]; do sleep 0.05; done` }));
  await until(`${text} is being built`, async () => (await buildRuns()).some((each) => each.text === text), 30_000);
}
/** Not among the notes of builders, which are read whole. */
const mayEnd = (text: string) => `/srv/bough-test/may-end-${text}`;
const letEnd = async (text: string) => await writeFile(mayEnd(text), '');

test('what was built while a credential was rotated is the later release, and falls back to the rotated one', async () => {
  await bough.push('main', appFiles({ text: 'old' }));
  await bough.untilServes('main', 'old from release 1');
  await bough.untilIdle();
  await beginToBuild('main', 'new');

  const rotated = await run(['rotate', 'demo', 'main']);
  assert.equal(rotated.code, 0, rotated.stderr);
  await letEnd('new');
  assert.equal((await record(bough, 'main')).desired, 3, 'the build had taken 2');
  await bough.untilServes('main', 'new from release 4');
  await bough.untilIdle();

  const { desired, lastSeq, head } = await record(bough, 'main');
  assert.deepEqual([desired, lastSeq, head?.outcome], [4, 4, 'released']);
  assert.ok(existsSync(bough.layout.releaseRoot(idOf('main'), 4)));
  assert.ok(!existsSync(bough.layout.releaseRoot(idOf('main'), 2)), 'nothing is left of the number it had');
  const back = await run(['rollback', 'demo', 'main']);
  assert.equal(back.code, 0, back.stderr);
  assert.match((await get('/main/')).body, /^old from release 3/);
});

test('a preview deleted without Redis stays down, though its build comes to its end, until another commit comes', async () => {
  await bough.push('gone', appFiles({ text: 'one' }));
  await bough.untilServes('gone', 'one');
  await bough.untilIdle();
  await beginToBuild('gone', 'two');
  await systemctl('stop', 'bough-redis.service');
  try {
    const deleted = await run(['delete', 'demo', 'gone', '--why', 'not needed']);
    assert.equal(deleted.code, 0, deleted.stderr);
    await letEnd('two');
    await until('the release is recorded', async () => (await record(bough, 'gone')).lastSeq === 2, 30_000);
  } finally {
    await systemctl('start', 'bough-redis.service');
  }
  await bough.untilIdle();
  await bough.sweep();

  assert.deepEqual(await running(), ['main']);
  const { state, notes } = await statusOf('gone');
  assert.equal(state, 'expired');
  assert.match(notes.join('\n'), /deleted by .*: not needed/);
  const [job] = (await bough.builds.getCompleted()).filter(({ data }) => data.branch === 'gone');
  assert.match(job?.returnvalue.held, /^gone was deleted by .*: not needed$/);

  await bough.push('gone', appFiles({ text: 'three' }));
  await bough.untilServes('gone', 'three from release 3');
});

test('and though the worker is killed too: the build that was put back does not bring it up', async () => {
  await bough.push('killed', appFiles({ text: 'calm' }));
  await bough.untilServes('killed', 'calm');
  await bough.untilIdle();
  await beginToBuild('killed', 'late');
  await systemctl('stop', 'bough-redis.service');
  try {
    const deleted = await run(['delete', 'demo', 'killed']);
    assert.equal(deleted.code, 0, deleted.stderr);
    await systemctl('kill', '--signal=KILL', 'bough-worker.service');
  } finally {
    await systemctl('start', 'bough-redis.service');
  }
  await letEnd('late');
  await until('the job has begun anew and ended', async () => {
    const jobs = (await bough.builds.getCompleted()).filter(({ data }) => data.branch === 'killed');
    return jobs.some(({ returnvalue }) => returnvalue.outcome === 'skipped');
  });
  await bough.untilIdle();
  await bough.sweep();

  assert.ok(!(await running()).includes('killed'));
  assert.equal((await statusOf('killed')).state, 'expired');
});

test('a sweep asks for no second build of what is being built', async () => {
  await beginToBuild('slow', 'long');
  const swept = await run(['sweep', 'demo']);
  assert.equal(swept.code, 0, swept.stderr);
  const told = /^demo slow at [0-9a-f]{12} is being built or has just been: nothing is recorded for the branch$/m;
  await until('a sweep tells of it', async () => {
    const ended = await bough.sweeps.getCompleted();
    return told.test(ended.flatMap(({ returnvalue }) => returnvalue.findings).join('\n'));
  });

  await letEnd('long');
  await bough.untilServes('slow', 'long');
  await bough.untilIdle();

  const jobs = (await bough.builds.getCompleted()).filter(({ data }) => data.branch === 'slow');
  assert.deepEqual(
    jobs.map(({ returnvalue }) => returnvalue.outcome),
    ['built'],
  );
});
