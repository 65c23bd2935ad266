// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { beforeEach, test } from 'node:test';
import { revokeToken } from '@bough/host/tokens/token-store.ts';
import { apiRoutes, callApi, makeToken } from '../support/api.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const rig = useReceiver();
let looker = '';
let deployer = '';
let operator = '';
let stranger = '';

beforeEach(async () => {
  if (looker !== '') return;
  const { tokens } = rig.receiver;
  looker = await makeToken(tokens, 'looker', ['read'], ['demo']);
  deployer = await makeToken(tokens, 'deployer', ['deploy'], ['demo']);
  operator = await makeToken(tokens, 'operator', ['operate']);
  stranger = await makeToken(tokens, 'stranger', ['read', 'deploy', 'operate'], ['other']);
});

const call = (token: string | null, method: string, path: string, body?: unknown) =>
  callApi(rig.receiver.url, token, method, path, body);
const main = '/api/projects/demo/branches/main';

test('whatever is wrong with a token, the answer is the same 401', async () => {
  const expired = await makeToken(rig.receiver.tokens, 'expired', ['read'], null, '2020-01-01T00:00:00.000Z');

  const answers = await Promise.all(
    [null, 'wrong', `${looker}x`, looker.slice(0, -1), expired, 'bough_', ' '].map((token) =>
      call(token, 'GET', '/api/projects/demo'),
    ),
  );

  for (const answer of answers) {
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.body, { outcome: 'rejected', reason: 'no token of this API' });
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="Bough"');
  }
});

test('a token does what its scopes allow and nothing else', async () => {
  assert.equal((await call(looker, 'GET', '/api/projects/demo')).status, 200);
  assert.equal((await call(looker, 'POST', `${main}/deploy`)).status, 403);
  assert.equal((await call(looker, 'DELETE', main)).status, 403);
  assert.equal((await call(deployer, 'POST', `${main}/deploy`)).status, 202);
  assert.equal((await call(deployer, 'POST', '/api/projects/demo/sweep')).status, 202);
  assert.equal((await call(deployer, 'POST', `${main}/suspend`)).status, 403);
  assert.equal((await call(deployer, 'GET', '/api/projects/demo')).status, 403);
  assert.equal((await call(operator, 'POST', `${main}/suspend`)).status, 202);
  assert.equal((await call(operator, 'POST', `${main}/deploy`)).status, 403);
  assert.match((await call(operator, 'POST', `${main}/deploy`)).body.reason, /needs the scope deploy/);
});

test('each route lets in the tokens that have its scope, and no other', async () => {
  const tokens = { read: looker, deploy: deployer, operate: operator };
  for (const [method, path, needed] of apiRoutes) {
    const address = path.replace('{project}', 'demo').replace('{branch}', 'main').replace('{id}', 'person-none');
    assert.equal((await call(null, method, address)).status, 401, `${method} ${path} without a token`);
    for (const [scope, token] of Object.entries(tokens)) {
      const { status, body } = await call(token, method, address);
      const what = `${method} ${path} with ${scope}: ${status}`;
      if (needed === null || needed === scope) assert.ok(![401, 403].includes(status), what);
      else assert.deepEqual([status, body.outcome], [403, 'rejected'], what);
    }
  }
});

test('a project that is not there and one the token is not for are answered alike', async () => {
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/deliveries'],
    ['POST', '/sweep'],
    ['POST', '/branches/main/deploy'],
    ['DELETE', '/branches/main'],
  ] as const) {
    const there = await call(stranger, method, `/api/projects/demo${path}`);
    const nowhere = await call(stranger, method, `/api/projects/nowhere${path}`);
    const inherited = await call(stranger, method, `/api/projects/constructor${path}`);

    assert.equal(there.status, 404);
    assert.deepEqual([nowhere.status, nowhere.body], [there.status, there.body]);
    assert.deepEqual([inherited.status, inherited.body], [there.status, there.body]);
  }
  const { projects } = (await call(stranger, 'GET', '/api/projects')).body;
  assert.deepEqual(
    projects.map(({ project }: { project: string }) => project),
    ['other'],
  );
});

test('a job is shown to those who may see its project, and to others it is not there', async () => {
  const { job, url } = (await call(deployer, 'POST', `${main}/deploy`)).body;

  const own = await call(deployer, 'GET', url);
  const foreign = await call(stranger, 'GET', url);
  const none = await call(stranger, 'GET', '/api/jobs/person-none');

  assert.deepEqual([own.status, own.body.id, own.body.askedBy], [200, job, 'token deployer']);
  assert.equal(foreign.status, 404);
  assert.deepEqual(foreign.body, none.body);
});

test('what else the queues keep under a word is a job to nobody, so that it tells nothing of a project', async () => {
  await call(deployer, 'POST', `${main}/deploy`); // while it waits, BullMQ keeps a key named after its branch

  const none = await call(stranger, 'GET', '/api/jobs/none');
  for (const id of [
    'de:build.demo.main',
    'wait',
    'prioritized',
    'events',
    'meta',
    'de:build.demo.other',
    'repeat:sweep:1',
  ]) {
    const answer = await call(stranger, 'GET', `/api/jobs/${encodeURIComponent(id)}`);
    assert.deepEqual([answer.status, answer.body], [404, none.body], id);
  }
  assert.equal(none.status, 404);
});

test('a token that was revoked is turned away from the next request on, and one that was made is let in', async () => {
  const host = { config: { scope: 'user' }, layout: { tokens: rig.receiver.tokens } } as const;
  for (let round = 0; round < 20; round++) {
    const secret = await makeToken(rig.receiver.tokens, 'brief', ['read']);
    assert.equal((await call(secret, 'GET', '/api/projects')).status, 200);
    await revokeToken(host, 'brief');
    assert.equal((await call(secret, 'GET', '/api/projects')).status, 401);
  }
});

test('only the hash of a secret is kept, in a file nobody else may read, and no log holds any of it', async () => {
  for (const token of [looker, deployer, operator, stranger]) await call(token, 'POST', `${main}/deploy`);
  const path = `${rig.receiver.tokens}/looker.json`;
  const text = await readFile(path, 'utf8');

  assert.ok(!text.includes(looker.slice(6)));
  assert.equal((await stat(path)).mode & 0o777, 0o640);
  assert.equal((await stat(rig.receiver.tokens)).mode & 0o777, 0o700);
  const logged = JSON.stringify(rig.receiver.log);
  for (const secret of [looker, deployer, operator, stranger]) assert.ok(!logged.includes(secret.slice(6)));
  const keys = JSON.stringify(await rig.queues.everything());
  assert.ok(keys.length > 2, 'nothing was queued');
  for (const secret of [looker, deployer, operator, stranger])
    assert.ok(!keys.includes(Buffer.from(secret.slice(6)).toString('hex')));
});

test('a file that is no token lets nobody in, keeps nobody out, and is told of', async () => {
  const { writeFile, rm } = await import('node:fs/promises');
  await writeFile(`${rig.receiver.tokens}/broken.json`, '{"schema":1');

  assert.equal((await call(looker, 'GET', '/api/projects')).status, 200);

  await until('it is logged', () =>
    rig.receiver.log.some(({ unreadable }) => Array.isArray(unreadable) && unreadable.includes('broken.json')),
  );
  await rm(`${rig.receiver.tokens}/broken.json`);
});

test('an address that guesses is answered 429, counts in the ledger, and holds up no address that has a token', async (t) => {
  const receiver = await startReceiver(rig.redis.url, {}, { trustProxies: ['127.0.0.0/8'], refusalsPerMinute: 5 });
  t.after(() => receiver[Symbol.asyncDispose]());
  const secret = await makeToken(receiver.tokens, 'good', ['read']);
  const from = async (address: string, token: string) =>
    (
      await fetch(`${receiver.url}/api/projects`, {
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': address },
      })
    ).status;
  assert.equal(await from('192.0.2.7', secret), 200);

  const guesses: number[] = [];
  for (let guess = 0; guess < 8; guess++) guesses.push(await from('192.0.2.8', `guess-${guess}`));
  const known: number[] = [];
  for (let guess = 0; guess < 8; guess++) known.push(await from('192.0.2.7', `guess-${guess}`));

  assert.deepEqual(guesses, [401, 401, 401, 401, 401, 429, 429, 429]);
  assert.deepEqual(
    known,
    Array.from({ length: 8 }, () => 401),
  ); // it has shown a good one before
  assert.equal(await from('192.0.2.7', secret), 200);
  assert.equal(await from('192.0.2.9', secret), 200);
  const { openLedgerReader, readRefusals } = await import('@bough/host/ledger/read-ledger.ts');
  const counted = (): number => {
    using database = openLedgerReader(receiver.ledger);
    const those = readRefusals(database, 50).filter(({ source }) => source === '192.0.2.8');
    return those.reduce((sum, { count }) => sum + count, 0);
  };
  await until('the ledger has counted them', () => {
    try {
      return counted() === 8;
    } catch (error) {
      // Its thread may not have made it yet: the receiver answers before that.
      if (/unable to open|no such table/.test(String(error))) return null;
      throw error;
    }
  });
});
