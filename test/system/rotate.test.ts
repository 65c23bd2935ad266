// One Debian is enough: what is renewed and what goes back is Bough's; what systemd does with a credential is in `reconcile.test.ts`.
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, test, type TestContext } from 'node:test';
import autocannon, { type Result } from 'autocannon';
import { appFiles } from '../support/app-files.ts';
import { bough as run, type CommandLineResult } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const tokenFile = '/srv/bough-test/token';
const keyFile = '/srv/bough-test/key';
let bough: Installation;

// Says what it read at its start; ends at once when it is told to.
const server = `import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
const token = readFileSync(process.env.CREDENTIALS_DIRECTORY + '/token', 'utf8');
if (token === 'unusable') throw new Error('the token is refused');
createServer((_, response) => response.end(token + ' in release ' + process.env.BOUGH_RELEASE))
  .listen(Number(process.env.PORT), '127.0.0.1');
`;

before(async () => {
  bough = await install(
    {},
    {
      sleepAfter: '1s',
      credentials: [
        { name: 'token', file: tokenFile },
        { name: 'key', file: keyFile, branches: ['with-key'] },
      ],
    },
  );
  for (const each of [bough.redis, bough.builds, bough.reconciles]) each.on('error', () => undefined); // it is stopped
  await writeFile(tokenFile, 'first');
  await writeFile(keyFile, 'a key');
  for (const branch of ['main', 'busy', 'dozing', 'held']) {
    await bough.push(branch, appFiles({ text: branch, server }));
    await bough.untilServes(branch, 'first');
  }
  await bough.untilIdle();
  await ok('suspend', 'demo', 'held');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

async function ok(...words: string[]): Promise<CommandLineResult> {
  const result = await run(words);
  assert.equal(result.code, 0, `bough ${words.join(' ')}: ${result.stderr}${result.stdout}`);
  return result;
}

const body = async (branch: string) => (await get(`/${branch}/`)).body;
const recorded = async (slug: string) =>
  JSON.parse(await readFile(bough.layout.deploymentFile({ project: 'demo', slug }), 'utf8'));
const untilAsleep = (branch: string) =>
  until(
    `${branch} is asleep`,
    async () =>
      (
        await systemctl('list-units', '--state=running', '--plain', '--no-legend', `bough-demo--${branch}--r*.service`)
      ).trim() === '',
    20_000,
  );

/** What the credentials of all running processes of the project hold. */
async function contents(): Promise<string[]> {
  const folders = (await readdir('/run/credentials')).filter((name) => name.startsWith('bough-demo--'));
  const texts = await Promise.all(
    folders.map((name) => readFile(`/run/credentials/${name}/token`, 'utf8').catch(() => null)), // it ended just now
  );
  return texts.filter((text) => text !== null);
}

/** Asks branches without a pause while `work` goes on; not one request may fail. */
async function underLoad(t: TestContext, branches: readonly string[], work: () => Promise<void>): Promise<void> {
  const loads = branches.map((branch) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const load = autocannon(
      { url: `http://127.0.0.1:8080/${branch}/`, connections: 8, duration: 300, overallRate: 200 },
      (error: unknown, result) => (error instanceof Error ? reject(error) : resolve(result)),
    );
    return { promise, stop: () => load.stop() };
  });
  await work().finally(() => loads.map(({ stop }) => stop()));
  for (const { errors, timeouts, non2xx, requests, latency } of await Promise.all(
    loads.map(({ promise }) => promise),
  )) {
    t.diagnostic(`${requests.total} requests, p99 ${latency.p99} ms, longest ${latency.max} ms`);
    assert.deepEqual({ errors, timeouts, non2xx }, { errors: 0, timeouts: 0, non2xx: 0 });
    assert.ok(requests.total > 100);
  }
}

test('a rotation under load fails no request, and only the new content is left', async (t) => {
  await untilAsleep('dozing');
  await underLoad(t, ['main', 'busy'], async () => {
    await until('the busy branch is awake', async () => (await body('busy')).startsWith('first'));
    await writeFile(tokenFile, 'second');

    const rows = JSON.parse(
      (await ok('rotate', 'demo', '--credential', 'token', '--why', 'it leaked', '--json')).stdout,
    );

    assert.deepEqual(
      rows.map((row: { branch: string; rotated: string; from: number; to: number }) => [
        row.branch,
        row.rotated,
        row.from,
        row.to,
      ]),
      [
        ['busy', 'restarted', 1, 2],
        ['dozing', 'asleep', 1, 1],
        ['held', 'suspended', 1, 1],
        ['main', 'restarted', 1, 2],
      ],
    );
    assert.equal(await body('main'), 'second in release 2');
    assert.equal(await body('busy'), 'second in release 2');
    await until('the old processes have ended', async () => (await contents()).every((each) => each === 'second'));
    await until('nothing drains', async () => (await contents()).length === 2);
  });

  assert.equal(await body('dozing'), 'second in release 1');
  await ok('resume', 'demo', 'held');
  assert.equal(await body('held'), 'second in release 1');
});

test('who rotated what, when and why is on record, and the head of the branch stands by the new release', async () => {
  const { rotation, commit } = JSON.parse((await ok('releases', 'demo', 'main', '--json')).stdout)[0];
  const { head, pinned } = await recorded('main');
  const line = JSON.parse(
    (await readFile(bough.layout.operations({ project: 'demo', slug: 'main' }), 'utf8')).trim().split('\n').at(-1) ??
      '',
  );

  assert.deepEqual([rotation.of, rotation.credential, rotation.by, rotation.why], [1, 'token', 'root', 'it leaked']);
  assert.deepEqual([head.commit, head.release, pinned], [commit, 2, null]);
  assert.deepEqual([line.kind, line.credential, line.from, line.to], ['rotate', 'token', 1, 2]);
});

test('a sweep and a push of the same output find nothing to do after a rotation', async () => {
  const commit = await bough.push('main', appFiles({ text: 'main', server }));
  const job = await until('it is built', async () =>
    (await bough.builds.getCompleted()).find(({ returnvalue }) => returnvalue?.commit === commit),
  );
  await bough.sweep();

  assert.deepEqual([job.returnvalue.outcome, job.returnvalue.release], ['unchanged', 2]);
  assert.equal(await body('main'), 'second in release 2');
});

test('without a worker, with Redis stopped and under load a rotation does the same', async (t) => {
  await systemctl('stop', 'bough-worker.service', 'bough-redis.service');
  await writeFile(tokenFile, 'third');

  await underLoad(t, ['main'], async () => {
    const { stdout } = await ok('rotate', 'demo', 'main');
    assert.match(stdout, /^main +restarted +3 +demo main: release 3 serves, the output of release 2 started anew/m);
    assert.equal(await body('main'), 'third in release 3');
  });

  await systemctl('start', 'bough-redis.service', 'bough-worker.service');
  await until('the receiver has Redis again', async () => (await fetch('http://127.0.0.1:9010/readyz')).ok);
});

test('a rollback after a rotation passes over the release that was renewed', async () => {
  await bough.push('main', appFiles({ text: 'other', server: server.replace('in release', 'in the other release') }));
  await bough.untilServes('main', 'third in the other release 4');
  await bough.untilIdle();
  await ok('rotate', 'demo', 'main');
  assert.equal(await body('main'), 'third in the other release 5');

  await ok('rollback', 'demo', 'main');

  assert.equal(await body('main'), 'third in release 3');
  await ok('unpin', 'demo', 'main');
  assert.equal(await body('main'), 'third in the other release 5');
});

test('a credential whose file is gone fails the rotation by name, and changes nothing', async (t) => {
  const as = await recorded('main');
  await rm(tokenFile);
  t.after(() => writeFile(tokenFile, 'third'));

  await underLoad(t, ['main'], async () => {
    const { code, stdout } = await run(['rotate', 'demo', 'main']);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^main +failed +– +APP_CREDENTIALS: the credential token of demo main cannot be read from \/srv\/bough-test\/token; what serves goes on with the old one$/m,
    );
  });

  assert.deepEqual(await recorded('main'), as);
  assert.equal(await body('main'), 'third in the other release 5');
});

test('a content the app does not take leaves the old release serving, and desired', async (t) => {
  await writeFile(tokenFile, 'unusable');
  t.after(() => writeFile(tokenFile, 'third'));

  await underLoad(t, ['main'], async () => {
    const { code, stdout } = await run(['rotate', 'demo', 'main', '--json']);
    const [row] = JSON.parse(stdout);
    assert.equal(code, 1);
    assert.deepEqual([row.slug, row.rotated, row.error.code], ['main', 'failed', 'APP_EXITED']);
    assert.match(row.error.message, /^release 6 of demo main does not come up; release 5 stays desired, as before$/);
  });

  assert.equal((await recorded('main')).desired, 5);
  assert.equal(await body('main'), 'third in the other release 5');
});

test('a credential the project does not have is refused with those it has', async () => {
  const { code, stderr } = await run(['rotate', 'demo', '--credential', 'nope']);

  assert.equal(code, 1);
  assert.match(stderr, /OPERATION_REFUSED: demo has no credential nope; it has token, key/);
  assert.match((await ok('rotate', 'demo', 'main', '--credential', 'key')).stdout, /^main +unused +5 +/m);
});
