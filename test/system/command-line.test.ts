// One Debian is enough: it is about what is said; what systemd does of it is in `rollback-offline.test.ts` and `rotate.test.ts`.
import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { appFiles } from '../support/app-files.ts';
import { bough as run, type CommandLineResult } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

let bough: Installation;
const id = { project: 'demo', slug: 'main' };
const broken = '/srv/bough-test/broken';

before(async () => {
  bough = await install();
  for (const each of [bough.redis, bough.builds, bough.reconciles]) each.on('error', () => undefined); // it is stopped
  await push('first');
  await push('second');
  await push('third');
});
after(async () => {
  await rm(broken, { force: true });
  await bough[Symbol.asyncDispose]();
});

// The first release serves only while `broken` is not there.
const server = (text: string) => `import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
if (${JSON.stringify(text)} === 'first' && existsSync('${broken}')) throw new Error('broken by the test');
createServer((_, response) => response.end(${JSON.stringify(text)} + ' from release ' + process.env.BOUGH_RELEASE))
  .listen(Number(process.env.PORT), '127.0.0.1');
`;

async function push(text: string, branch = 'main'): Promise<void> {
  await bough.push(branch, appFiles({ text, server: server(text) }));
  await bough.untilServes(branch, text);
  await bough.untilIdle();
}

async function ok(...words: string[]): Promise<CommandLineResult> {
  const result = await run(words);
  assert.equal(result.code, 0, `bough ${words.join(' ')}: ${result.stderr}${result.stdout}`);
  return result;
}

const body = async () => (await get('/main/')).body;
const processes = async (slug = 'main') =>
  (
    await systemctl('list-units', '--state=running', '--plain', '--no-legend', `bough-demo--${slug}--r*.service`)
  ).trim();
const deployment = async () => JSON.parse(await readFile(bough.layout.deploymentFile(id), 'utf8'));

test('status and releases say what runs, as tables and as JSON', async () => {
  const status = (await ok('status')).stdout;
  const releases = (await ok('releases', 'demo', 'main')).stdout;

  assert.match(status, /^PROJECT +BRANCH +STATE +RELEASE/);
  assert.match(status, /^demo +main +live +3 +[0-9a-f]{12} .* http:\/\/localhost:8080\/main\/$/m);
  assert.match(releases, /^3 .* verified +serves, desired\n2 .* verified\n1 .* verified\n$/m);
  const [row] = JSON.parse((await ok('status', 'demo', 'main', '--json')).stdout).deployments;
  assert.equal(row.state, 'live');
  assert.equal(row.serving, 3);
  assert.deepEqual(
    JSON.parse((await ok('releases', 'demo', 'main', '--json')).stdout).map((each: { seq: number }) => each.seq),
    [3, 2, 1],
  );
  assert.match((await ok('manifest', 'demo', 'main')).stdout, /^web: takes requests on \$PORT$/m);
});

test('with Redis stopped and the repository out of reach a rollback is healthy without waiting for them', async (t) => {
  await systemctl('stop', 'bough-redis.service');
  await rename('/srv/bough-test/demo.git', '/srv/bough-test/away.git');
  t.after(async () => {
    await rename('/srv/bough-test/away.git', '/srv/bough-test/demo.git');
    await systemctl('start', 'bough-redis.service');
  });

  const { stdout, ms } = await ok('rollback', 'demo', 'main', '--why', 'the third is slow');

  assert.match(await body(), /second from release 2/);
  t.diagnostic(`from the command to its answer ${ms} ms: ${stdout.trim()}`);
  // Until healthy: less than any deadline of what is away. How quick it is tells `bench rollback`.
  assert.ok(Number(/\((\d+\.\d) s\)/.exec(stdout)?.[1]) <= 5, stdout);
  assert.match(stdout, /^demo main: release 2 serves, and it stays there until unpinned/);
  const { pinned, desired } = await deployment();
  assert.equal(desired, 2);
  assert.equal(pinned.by, 'root');
  assert.equal(pinned.why, 'the third is slow');
  assert.match((await ok('status')).stdout, /demo main: pinned to release 2 by root: the third is slow/);
});

test('a worker that starts while Redis is down does as it is told at once', async () => {
  await systemctl('stop', 'bough-redis.service');
  await systemctl('restart', 'bough-worker.service');

  const { stdout } = await ok('rollback', 'demo', 'main', '1', '--json');

  assert.equal(JSON.parse(stdout).to, 1);
  assert.match(await body(), /first from release 1/);
  assert.equal(JSON.parse((await ok('status', '--json')).stdout).worker.state, 'running');
  await systemctl('start', 'bough-redis.service');
});

test('a pinned branch stays where it is on a newer push, and unpin brings the newest', async () => {
  await bough.push('main', appFiles({ text: 'fourth', server: server('fourth') }));
  const job = await until('it is built', async () =>
    (await bough.builds.getCompleted()).find(({ returnvalue }) => returnvalue?.release === 4),
  );
  await bough.untilIdle();
  assert.match(job.returnvalue.held, /main is pinned to release 1 by root/);
  assert.match(await body(), /first from release 1/);

  const since = async () =>
    Date.parse(JSON.parse((await ok('status', 'demo', 'main', '--json')).stdout).deployments[0].since);
  const [earlier, asked] = [await since(), Date.now()];
  await ok('unpin', 'demo', 'main');

  assert.ok(earlier < asked && (await since()) >= asked - 10, 'it serves since it was switched to'); // the kernel's clock of files goes by ticks
  assert.match(await body(), /fourth from release 4/);
  assert.equal((await deployment()).pinned, null);
});

test('a suspended branch has no process, a push does not start one, and resume brings the newest', async () => {
  await ok('suspend', 'demo', 'main', '--why', 'holidays');
  assert.equal(await processes(), '');
  await bough.push('main', appFiles({ text: 'fifth', server: server('fifth') }));
  await until('it is built', async () =>
    (await bough.builds.getCompleted()).find(({ returnvalue }) => returnvalue?.release === 5),
  );
  await bough.sweep();

  assert.equal(await processes(), '');
  assert.match((await ok('status')).stdout, /demo +main +suspended/);
  await ok('resume', 'demo', 'main');
  assert.match(await body(), /fifth from release 5/);
});

test('of a suspended project nothing runs, nor of a branch that is new to it, until the project is resumed', async () => {
  assert.match(
    (await ok('suspend', 'demo', '--all', '--why', 'holidays')).stdout,
    /^demo: suspended, new branches are built and not started\ndemo main: suspended, nothing of it runs/,
  );
  await bough.push('later', appFiles({ text: 'later', server: server('later') }));
  const job = await until('it is built', async () =>
    (await bough.builds.getCompleted()).find(({ data }) => 'branch' in data && data.branch === 'later'),
  );
  await bough.sweep();
  await systemctl('restart', 'bough-restore.service');

  assert.equal(job.returnvalue.held, 'later is suspended by root: holidays');
  assert.equal((await processes()) + (await processes('later')), '');
  const page = await get('/later/');
  assert.equal(page.status, 503);
  assert.match(page.body, /This branch is suspended/);
  const status = (await ok('status')).stdout;
  assert.match(status, /^demo is suspended by root: holidays; new branches of it are built and not started$/m);
  assert.match(status, /^demo +later +suspended/m);

  await ok('resume', 'demo', 'later');
  assert.match((await get('/later/')).body, /later from release 1/);
  assert.equal(await processes(), '');
  assert.match((await ok('resume', 'demo', '--all')).stdout, /^demo: resumed, new branches are started$/m);
  assert.match(await body(), /fifth from release 5/);
  assert.deepEqual(JSON.parse((await ok('status', '--json')).stdout).suspended, []);
  await bough.remove('later');
  await bough.untilIdle();
});

test('a rollback to a release that does not come up changes nothing', async () => {
  await push('sixth'); // keeps three: 6, 5, 4
  await ok('rollback', 'demo', 'main', '5');
  await ok('unpin', 'demo', 'main');
  await push('first'); // release 7 is the one that can be broken
  await push('eighth');
  await writeFile(broken, '');
  const recorded = await deployment();

  const { code, stderr } = await run(['rollback', 'demo', 'main', '7']);

  assert.equal(code, 1);
  assert.match(stderr, /^bough: APP_\w+: release 7 of demo main does not come up; release 8 stays desired, as before/);
  assert.match(stderr, /because: APP_\w+/);
  assert.deepEqual(await deployment(), recorded);
  assert.match(await body(), /eighth from release 8/);
  await rm(broken);
});

test('what cannot be done is refused with what can, and every kind of failure has its exit code', async () => {
  const refused = await run(['rollback', 'demo', 'main', '99']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /OPERATION_REFUSED: demo main keeps no release 99; kept are 8 \(/);
  const unknown = await run(['pin', 'demo', 'nope', '--json']);
  assert.equal(unknown.code, 1);
  assert.equal(JSON.parse(unknown.stdout).error.code, 'DEPLOYMENT_UNKNOWN');
  assert.equal((await run(['rollback', 'demo'])).code, 64);
  assert.equal((await run(['rollback', 'demo', 'main', 'x'])).code, 64);
  assert.equal((await run(['status', '--config', '/none'])).code, 78);
  const stranger = await run(['pin', 'demo', 'main'], { user: 'dev' });
  assert.equal(stranger.code, 69);
  assert.match(stranger.stderr, /belongs to another user/);
  for (const words of [['status'], ['releases', 'demo', 'main'], ['deliveries'], ['token', 'list']]) {
    const look = await run(words, { user: 'dev' });
    assert.equal(look.code, 1, words[0]);
    assert.match(look.stderr, /^bough: HOST_FILES: \/var\/lib\/\S+ may not be used by you; run this with sudo\n/);
  }
});

test('of a worker that hangs the gauges say that it is not up, and why on stderr; who may not ask is told no gauge', async () => {
  const signal = async (name: string) =>
    await systemctl('kill', '--kill-whom=main', `--signal=${name}`, 'bough-worker.service');
  await signal('STOP');

  const hanging = await run(['metrics']);

  await signal('CONT');
  assert.equal(hanging.code, 0, hanging.stderr);
  assert.match(hanging.stdout, /^bough_worker_up 0$/m);
  assert.match(hanging.stderr, /WORKER_UNREACHABLE: the worker did not answer at .* within 5 s/);
  assert.match((await ok('metrics')).stdout, /^bough_worker_up 1$/m);
  const stranger = await run(['metrics'], { user: 'dev' });
  assert.deepEqual([stranger.code, stranger.stdout], [69, '']);
  assert.match(stranger.stderr, /belongs to another user/);
});

test('with the worker stopped everything works the same, and with a worker that comes in between too', async () => {
  await systemctl('stop', 'bough-worker.service', 'bough-redis.service');

  await ok('rollback', 'demo', 'main', '--why', 'alone');
  assert.match(await body(), /first from release 7/);
  assert.match((await ok('status')).stdout, /the worker: not running/);
  await ok('unpin', 'demo', 'main');
  assert.match(await body(), /eighth from release 8/);
  await ok('pin', 'demo', 'main');
  await ok('suspend', 'demo', '--all');
  assert.equal(await processes(), '');
  assert.match(
    (await ok('suspend', 'demo', '--all')).stdout,
    /^demo: is suspended already, by root: no reason given$/m,
  );
  const [one, other] = await Promise.all([run(['resume', 'demo', 'main']), run(['unpin', 'demo', 'main'])]);
  assert.deepEqual([one.code, other.code], [0, 0], `${one.stderr}${other.stderr}`);
  assert.match(await body(), /eighth from release 8/);
  assert.match((await ok('wake', 'demo', 'main')).stdout, /demo main: release 8 answered 200 after/);
  assert.equal((await run(['sweep'])).code, 69);
  await ok('resume', 'demo', '--all');

  await systemctl('start', 'bough-redis.service', 'bough-worker.service');
  await ok('pin', 'demo', 'main');
  await ok('unpin', 'demo', 'main');
});

test('a dry sweep tells every finding and every step with its reason, and changes nothing', async () => {
  await systemctl('stop', 'bough-worker.service');
  await bough.repository.commit('fresh', appFiles({ text: 'fresh' }));
  await systemctl('stop', 'bough-demo--main--r8-web.service');

  const { stdout } = await ok('sweep', '--dry-run');

  assert.match(stdout, /^build demo fresh at [0-9a-f]{12}: nothing is recorded for the branch$/m);
  assert.match(stdout, /^demo main: start bough-demo--main--r8-web\.service \(release 8 is desired\)$/m);
  assert.equal(await processes('fresh'), '');
  assert.equal(await processes(), '');
  await systemctl('start', 'bough-worker.service');
  await bough.untilServes('fresh', 'fresh');
  await bough.untilServes('main', 'eighth');
});

test('who did what, when and why is on record', async () => {
  const lines = (await readFile(bough.layout.operations(id), 'utf8')).trim().split('\n');

  const first = JSON.parse(lines[0] ?? '');
  assert.deepEqual(
    { kind: first.kind, by: first.by, why: first.why, from: first.from, to: first.to },
    { kind: 'rollback', by: 'root', why: 'the third is slow', from: 3, to: 2 },
  );
  assert.ok(lines.some((line) => JSON.parse(line).kind === 'undo'));
});
