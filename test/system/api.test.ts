// One Debian is enough: Node answers; that processes of a build end is in `push.test.ts` and `orphaned-builders.test.ts`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { slugOf } from '@bough/host/slug.ts';
import { callApi } from '../support/api.ts';
import { appFiles, buildRuns } from '../support/app-files.ts';
import { buildProcesses } from '../support/build-processes.ts';
import { bough } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { idOf } from '../support/limits.ts';
import { until } from '../support/until.ts';

let host: Installation;
let token: string;
before(async () => {
  host = await install();
  const made = await bough([
    'token',
    'create',
    'ci',
    '--scope',
    'read,deploy,operate',
    '--project',
    'demo',
    '--for',
    '1h',
  ]);
  assert.equal(made.code, 0, made.stderr);
  token = made.stdout.trim();
});
after(async () => {
  await host[Symbol.asyncDispose]();
});

const call = (method: string, path: string, body?: unknown) =>
  callApi('http://127.0.0.1:9010', token, method, path, body);
const at = (branch: string, act = '') =>
  `/api/projects/demo/branches/${encodeURIComponent(branch)}${act === '' ? '' : `/${act}`}`;
const page = async (branch: string) => await get(`/${slugOf(branch)}/`);

/** Asks for something and waits until its job has ended. */
async function done(method: string, path: string, body?: unknown) {
  const asked = await call(method, path, body);
  assert.equal(asked.status, 202, JSON.stringify(asked.body));
  return await jobEnded(asked.body.url);
}

async function jobEnded(url: string) {
  return await until('the job has ended', async () => {
    const { body } = await call('GET', url);
    return ['done', 'failed'].includes(body.state) && body;
  });
}

/** A build that goes on until it is let: `gate` names the file it waits for. */
const gated = (text: string, gate: string) =>
  appFiles({ text, build: `while [ ! -e /srv/bough-test/${gate} ]; do sleep 0.02; done` });
const open = async (gate: string) => await writeFile(`/srv/bough-test/${gate}`, '');
const isBuilding = async (text: string) =>
  await until(`${text} is being built`, async () => (await buildRuns()).some((run) => run.text === text), 20_000);
const runsOf = async (text: string) => (await buildRuns()).filter((run) => run.text === text).length;

test('the state of a project tells what serves where, and of each branch its releases', async () => {
  const commit = await host.push('main', appFiles({ text: 'one' }));
  await host.push('feature/x', appFiles({ text: 'feature' }));
  await host.untilServes('main', 'one');
  await host.untilServes('feature/x', 'feature');
  await host.untilIdle();

  const project = await until('it is published', async () => {
    const { body } = await call('GET', '/api/projects/demo');
    return (
      body.branches.length === 2 && body.branches.every(({ state }: { state: string }) => state === 'live') && body
    );
  });
  const branch = (await call('GET', at('feature/x'))).body;
  const { releases } = (await call('GET', `${at('main')}/releases`)).body;
  const { deliveries } = (await call('GET', '/api/projects/demo/deliveries?branch=main')).body;

  assert.deepEqual(project.branches.map((each: { branch: string }) => each.branch).toSorted(), ['feature/x', 'main']);
  assert.equal(branch.serving, 1);
  assert.match((await get(new URL(branch.url).pathname)).body, /feature from release 1/);
  assert.deepEqual([releases.length, releases[0].commit, releases[0].isServing], [1, commit, true]);
  assert.equal(deliveries[0].branches[0].branch, 'main');
});

test('roll back, un-pin, suspend, resume: each is done once its job says so', async () => {
  await host.push('main', appFiles({ text: 'two' }));
  await host.untilServes('main', 'two');
  await host.untilIdle();

  const back = await done('POST', at('main', 'rollback'), { why: 'two is wrong' });
  assert.deepEqual([back.state, back.result.to, back.result.pinned.by], ['done', 1, 'token ci']);
  assert.match((await page('main')).body, /one from release 1/);
  const { body: pinned } = await call('GET', at('main'));
  assert.equal(pinned.pinned.why, 'two is wrong');

  assert.equal((await done('POST', at('main', 'unpin'))).result.to, 2);
  assert.match((await page('main')).body, /two from release 2/);
  assert.equal((await done('POST', at('feature/x', 'suspend'))).state, 'done');
  assert.equal((await page('feature/x')).status, 503);
  assert.equal((await done('POST', at('feature/x', 'resume'))).state, 'done');
  assert.match((await page('feature/x')).body, /feature from release 1/);
  assert.equal((await done('POST', at('main', 'pin'))).result.changed, true);
  assert.equal((await done('POST', at('main', 'unpin'))).result.changed, true);
  assert.equal((await done('POST', at('main', 'rotate'))).state, 'done');
  const refused = await done('POST', at('nowhere', 'suspend'));
  assert.deepEqual([refused.state, refused.outcome], ['failed', 'failed']);
  assert.match(refused.reason, /^DEPLOYMENT_UNKNOWN/);
});

test('deploy builds the head of a branch nobody told of, sweep finds another', async () => {
  await host.repository.commit('untold', appFiles({ text: 'untold' }));
  assert.equal((await done('POST', at('untold', 'deploy'))).outcome, 'built');
  await host.untilServes('untold', 'untold from release 1');
  await host.repository.commit('found', appFiles({ text: 'found' }));
  assert.equal((await done('POST', '/api/projects/demo/sweep')).state, 'done');
  await host.untilServes('found', 'found from release 1');
});

test('a cancelled build ends as cancelled with all its processes gone, is not begun again by itself, and is built when asked for', async (t) => {
  const commit = await host.push('slow', gated('slow one', 'slow'));
  await isBuilding('slow one');
  const { jobs } = (await call('GET', '/api/projects/demo')).body;

  const from = performance.now();
  const ended = await done('POST', at('slow', 'cancel'), { why: 'a mistake' });
  const ms = performance.now() - from;

  assert.deepEqual(buildProcesses(), []);
  t.diagnostic(`cancelled in ${ended.result.ms} ms, ${Math.round(ms)} ms with asking for the outcome`);
  assert.deepEqual([ended.state, ended.result.held, ended.result.jobs[0].was], ['done', commit, 'running']);
  assert.ok(ended.result.ms < 2_000);
  const job = (await call('GET', `/api/jobs/${ended.result.jobs[0].job}`)).body;
  assert.deepEqual([job.state, job.outcome, job.reason], ['done', 'cancelled', 'cancelled by token ci: a mistake']);
  assert.equal(jobs.find(({ branch }: { branch: string }) => branch === 'slow').id, job.id);
  await until('the ledger has it', async () => {
    const { deliveries } = (await call('GET', '/api/projects/demo/deliveries?branch=slow&outcome=cancelled')).body;
    return deliveries[0]?.branches[0].ended?.reason === 'cancelled by token ci: a mistake';
  });
  assert.match((await bough(['status', 'demo', 'slow'])).stdout, /cancelled by token ci: a mistake; it is held until/);

  await host.sweep();
  await host.deliverPush('slow', commit);
  const again = await until('the redelivery has ended', async () =>
    (await host.builds.getCompleted()).find(
      ({ returnvalue }) => returnvalue?.commit === commit && returnvalue.outcome === 'skipped',
    ),
  );
  assert.match(again.returnvalue.reason, /cancelled by token ci: a mistake; it is held/);
  assert.equal(await runsOf('slow one'), 1);

  await open('slow');
  const built = await bough(['deploy', 'demo', 'slow']);
  assert.equal(built.code, 0, built.stderr);
  await host.untilServes('slow', 'slow one from release 1');
  assert.equal(await runsOf('slow one'), 2);
});

test('a build that waits is cancelled without having begun, from the command line as well, and the next commit is built', async () => {
  await host.push('first', gated('first', 'first'));
  await isBuilding('first');
  await host.push('second', appFiles({ text: 'second' }));
  await host.push('third', appFiles({ text: 'third' }));

  const ended = await done('POST', at('second', 'cancel'));
  const byHand = await bough(['cancel', 'demo', 'third', '--why', 'not now']);

  assert.deepEqual(
    ended.result.jobs.map(({ was }: { was: string }) => was),
    ['waiting'],
  );
  assert.match(byHand.stdout, /cancelled the waiting job .* is held until another comes/);
  const marked = (await call('GET', `/api/jobs/${ended.result.jobs[0].job}`)).body;
  assert.deepEqual([marked.state, marked.outcome], ['waiting', 'cancelled']);
  const nothing = await bough(['cancel', 'demo', 'third']);
  assert.match(nothing.stderr, /nothing of demo third is being built or waits to be/);
  await open('first');
  assert.equal((await jobEnded(`/api/jobs/${ended.result.jobs[0].job}`)).outcome, 'cancelled');
  await host.untilIdle();
  assert.deepEqual([await runsOf('second'), await runsOf('third')], [0, 0]);

  await host.push('third', appFiles({ text: 'third again' }));
  await host.untilServes('third', 'third again from release 1');
  const retried = await host.builds.getJob(ended.result.jobs[0].job);
  await retried?.retry('completed');
  await host.untilServes('second', 'second from release 1');
});

test('a newer push stops the running build within 2 s, its builder too, every time', async (t) => {
  const took: number[] = [];
  await host.push('moving', gated('moving 0', 'never'));
  for (let round = 1; round <= 5; round++) {
    await isBuilding(`moving ${round - 1}`);
    const seen = buildProcesses();
    const commit = await host.repository.commit('moving', gated(`moving ${round}`, 'never'));
    // A shell that is about to become the program it starts bears its own name for a moment.
    const builders = buildProcesses().filter((line) => /build\.sh|nix-store/.test(line) && seen.includes(line));
    assert.ok(
      builders.some((line) => line.includes('build.sh')) && builders.some((line) => line.includes('nix-store')),
    );

    const from = performance.now();
    await host.deliverPush('moving', commit);
    await until('they are gone', () => !buildProcesses().some((line) => builders.includes(line)));
    took.push(performance.now() - from);
  }
  await isBuilding('moving 5');
  await done('POST', at('moving', 'cancel'));
  const superseded = (await host.builds.getCompleted()).filter(
    ({ returnvalue }) => returnvalue?.outcome === 'superseded',
  );
  assert.equal(superseded.length, 5);
  t.diagnostic(`from the push to the end of the last process: ${took.map((ms) => Math.round(ms)).join(', ')} ms`);
  assert.ok(Math.max(...took) < 2_000);
});

test('every example of docs/api.md works as it stands there', async () => {
  const docs = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const examples = [...docs.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, example = '']) => example);
  assert.ok(examples.length >= 6);

  for (const example of examples) {
    const env = { ...process.env, BOUGH: 'http://127.0.0.1:9010', TOKEN: token };
    const { stdout } = await promisify(execFile)('sh', ['-c', example], { env });
    const answer = JSON.parse(stdout);
    if ('url' in answer) assert.equal((await jobEnded(answer.url)).state, 'done', example);
  }

  assert.equal((await done('POST', at('feature/x', 'resume'))).state, 'done');
  await host.untilServes('feature/x', 'feature from release 1');
});

const hangs = '/srv/bough-test/hangs';
const undoRecord = async () => JSON.parse(await readFile(host.layout.deploymentFile(idOf('undo')), 'utf8'));

test('a rollback whose worker is killed while the release starts is undone by the next one, where that does not come up', async () => {
  const server = (text: string) => `import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
if (process.env.BOUGH_RELEASE === '1' && existsSync('${hangs}')) setInterval(() => undefined, 1000);
else createServer((_, response) => response.end('${text}')).listen(Number(process.env.PORT), '127.0.0.1');
`;
  for (const text of ['the first', 'the second']) {
    await host.push('undo', appFiles({ text, server: server(text) }));
    await host.untilServes('undo', text);
  }
  await host.untilIdle();
  const asItWas = await undoRecord();
  await writeFile(hangs, '');

  const asked = await call('POST', at('undo', 'rollback'), { release: 1 });
  await until('it is recorded', async () => (await undoRecord()).desired === 1);
  await systemctl('kill', '--signal=KILL', 'bough-worker.service');
  const { state, reason } = await jobEnded(asked.body.url);

  assert.equal(state, 'failed');
  assert.match(reason, /release 1 of demo undo does not come up; release 2 stays desired, as before/);
  assert.deepEqual(await undoRecord(), asItWas);
  assert.match((await page('undo')).body, /^the second/);
});

test('a rollback that begins anew with the next worker leaves what somebody has decided in between', async () => {
  const asked = await call('POST', at('undo', 'rollback'), { release: 1 }); // which hangs
  await until('it is recorded', async () => (await undoRecord()).desired === 1);
  await systemctl('stop', 'bough-worker.service');
  const unpinned = await bough(['unpin', 'demo', 'undo']);
  await systemctl('start', 'bough-worker.service');

  const { state, reason } = await jobEnded(asked.body.url);

  assert.equal(unpinned.code, 0, unpinned.stderr);
  assert.equal(state, 'failed');
  assert.match(reason, /^OPERATION_REFUSED: root has decided about demo undo \(unpin\) since this began: it stays so/);
  assert.partialDeepStrictEqual(await undoRecord(), { desired: 2, pinned: null });
  assert.match((await page('undo')).body, /^the second/);
});

test('a deleted preview stays down until it is asked for, and production cannot be deleted', async () => {
  assert.equal((await done('DELETE', at('feature/x'), { why: 'not needed' })).state, 'done');
  assert.equal((await page('feature/x')).status, 503);
  assert.match((await page('feature/x')).body, /expired|taken down/i);
  await host.sweep();
  assert.equal((await page('feature/x')).status, 503);
  assert.equal((await call('GET', at('feature/x'))).body.expired.why, 'deleted by token ci: not needed');

  assert.equal((await done('POST', at('feature/x', 'deploy'))).outcome, 'unchanged');
  await host.untilServes('feature/x', 'feature from release 1');
  const refused = await done('DELETE', at('main'));
  assert.match(refused.reason, /^OPERATION_REFUSED: main is the production branch/);
});

test('what a flushed Redis lost is shown again after the next sweep', async () => {
  await host.untilIdle();
  await host.redis.flushall();
  assert.equal((await call('GET', at('main'))).status, 503);

  await host.sweep();

  const { body } = await until('it is published', async () => {
    const answer = await call('GET', at('main'));
    return answer.status === 200 && answer;
  });
  assert.equal(body.state, 'live');
});

test('what was asked for and not done yet when Redis was emptied is not done, its job is not found, and it can be asked for again', async () => {
  assert.equal((await done('POST', at('feature/x', 'suspend'))).state, 'done');
  await systemctl('stop', 'bough-worker.service');
  const asked = await call('POST', at('main', 'suspend'));
  assert.deepEqual([asked.status, (await call('GET', asked.body.url)).body.state], [202, 'waiting']);

  await host.redis.flushall();
  await systemctl('start', 'bough-worker.service');
  await host.sweep();

  assert.equal((await call('GET', asked.body.url)).status, 404);
  assert.equal(JSON.parse((await bough(['status', 'demo', 'main', '--json'])).stdout).deployments[0].state, 'live');
  assert.equal((await page('main')).status, 200);
  assert.equal((await page('feature/x')).status, 503, 'what was done stands');
  assert.equal((await done('POST', at('main', 'suspend'))).state, 'done');
  assert.equal((await page('main')).status, 503);
  for (const branch of ['main', 'feature/x']) assert.equal((await done('POST', at(branch, 'resume'))).state, 'done');
});

test('without Redis a cancel says so', async () => {
  await systemctl('stop', 'bough-redis');
  try {
    const answer = await until('the worker knows', async () => {
      const result = await bough(['cancel', 'demo', 'main']);
      return result.stderr.includes('QUEUE_UNAVAILABLE') && result;
    });
    assert.equal(answer.code, 1);
    const refused = await call('POST', at('main', 'cancel'));
    assert.deepEqual([refused.status, refused.body.outcome], [503, 'unavailable']);
  } finally {
    await systemctl('start', 'bough-redis');
  }
});

test('a token that could do nothing is not made', async () => {
  for (const [words, reason] of [
    [['--project', ','], '--project names no project'],
    [['--all', '--for', '9999999d'], '--for ends after the year 9999'],
  ] as const) {
    const { code, stdout, stderr } = await bough(['token', 'create', 'void', '--scope', 'read', ...words]);
    assert.deepEqual([code, stdout], [64, '']);
    assert.match(stderr, new RegExp(reason));
  }
  assert.doesNotMatch((await bough(['token', 'list'])).stdout, /void/);
});

test('a token that was revoked is turned away at once, and the list tells which there are', async () => {
  const listed = await bough(['token', 'list']);
  const revoked = await bough(['token', 'revoke', 'ci']);

  assert.match(listed.stdout, /ci +read,deploy,operate +demo +root/);
  assert.ok(!listed.stdout.includes(token.slice(6)));
  assert.equal(revoked.code, 0, revoked.stderr);
  assert.equal((await call('GET', '/api/projects')).status, 401);
});
