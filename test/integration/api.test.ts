// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { BranchName } from '@bough/core/branch-name.ts';
import { publishedKey } from '@bough/core/api/published.ts';
import { queueNames, queuePrefix } from '@bough/core/queue/jobs.ts';
import type { Gate } from '@bough/host/queue/gate.ts';
import { slugOf } from '@bough/host/slug.ts';
import { unfinishedJobs } from '@bough/receiver/api/find-jobs.ts';
import { type Job, Worker } from 'bullmq';
import fc from 'fast-check';
import { apiRoutes, callApi, makeToken } from '../support/api.ts';
import { hostileBranches } from '../support/hostile-branches.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { push } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const rig = useReceiver();
let token = '';
beforeEach(async () => {
  if (token === '') token = await makeToken(rig.receiver.tokens, 'all', ['read', 'deploy', 'operate']);
});
const call = (method: string, path: string, body?: unknown) => callApi(rig.receiver.url, token, method, path, body);
const at = (branch: string, act = '') =>
  `/api/projects/demo/branches/${encodeURIComponent(branch)}${act === '' ? '' : `/${act}`}`;

/** What people may ask of a branch, each with a body that is right. */
const operations = [
  ['POST', 'cancel', {}],
  ['POST', 'pin', {}],
  ['POST', 'unpin', {}],
  ['POST', 'suspend', { why: 'as a test' }],
  ['POST', 'resume', {}],
  ['POST', 'rollback', { release: 3 }],
  ['POST', 'rotate', { credential: 'key' }],
  ['DELETE', '', { why: 'as a test' }],
] as const;

test('what is asked of a branch becomes a job that carries it whole, with who asked and why', async () => {
  for (const [method, act, body] of operations) {
    const answer = await call(method, at('feature/x', act), body);

    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    assert.equal(answer.headers.get('location'), answer.body.url);
    const job = await rig.queues.operate.getJob(answer.body.job);
    assert.deepEqual(job?.data.asked, { by: 'person', name: 'token all' });
    assert.deepEqual(job?.data.operation, {
      kind: act === '' ? 'delete' : act,
      project: 'demo',
      branch: 'feature/x',
      by: 'token all',
      why: 'why' in body ? body.why : '',
      ...('release' in body ? { release: 3 } : {}),
      ...('credential' in body ? { credential: 'key' } : {}),
    });
    const view = await call('GET', answer.body.url);
    assert.deepEqual(
      [view.status, view.body.kind, view.body.branch, view.body.askedBy, view.body.state],
      [200, act === '' ? 'delete' : act, 'feature/x', 'token all', 'waiting'],
    );
  }
});

test('a body may be left out, also one that is said to be JSON, and with one a misspelt field is told', async () => {
  assert.equal((await call('POST', at('main', 'suspend'))).status, 202);
  for (const [method, act] of [['POST', 'deploy'], ...operations] as const)
    assert.equal((await call(method, at('main', act), '')).status, 202, `${method} ${act}`);
  assert.equal((await call('POST', '/api/projects/demo/sweep', '')).status, 202);
  const wrong = await call('POST', at('main', 'rollback'), { relase: 3 });
  const odd = await call('POST', at('main', 'rollback'), { release: 'three' });
  const broken = await call('POST', at('main', 'suspend'), '{"why":');

  assert.deepEqual([wrong.status, odd.status, broken.status], [400, 400, 400]);
  assert.match(wrong.body.problems.join(), /relase/);
  assert.match(odd.body.problems.join(), /release/);
  const text = await fetch(`${rig.receiver.url}${at('main', 'suspend')}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/xml' },
    body: '<a/>',
  });
  assert.equal(text.status, 415);
  assert.equal((await call('POST', at('main', 'suspend'), { why: 'x'.repeat(20_000) })).status, 413);
});

test('a deploy is a build a person asked for; one that waits already becomes that', async () => {
  await rig.receiver.deliver(push('feature/y'));
  const [waiting] = await rig.queues.build.getJobs(['prioritized']);

  const joined = await call('POST', at('feature/y', 'deploy'));
  const fresh = await call('POST', at('feature/z', 'deploy'));

  assert.deepEqual([joined.status, joined.body.outcome, joined.body.job], [202, 'joined', waiting?.id]);
  const job = await rig.queues.build.getJob(joined.body.job);
  assert.deepEqual(job?.data.asked, { by: 'person', name: 'token all' });
  assert.deepEqual([fresh.status, fresh.body.outcome], [202, 'queued']);
});

test('every hostile branch name comes through an address as it is, or is refused with 4xx', async (t) => {
  const names = hostileBranches(slugOf);
  let taken = 0;
  for (const name of names) {
    let address: string;
    try {
      address = at(name, 'suspend');
    } catch {
      assert.equal(name.isWellFormed(), false); // it cannot be written in an address at all
      continue;
    }
    const answer = await call('POST', address);
    if (answer.status === 202) {
      taken += 1;
      const operation = (await rig.queues.operate.getJob(answer.body.job))?.data.operation;
      assert.equal(operation?.branch, name);
      assert.ok(BranchName.safeParse(name).success);
    } else {
      assert.ok([400, 401, 404].includes(answer.status), `${JSON.stringify(name)}: ${answer.status}`);
      assert.equal(BranchName.safeParse(name).success, false, `${JSON.stringify(name)} was refused`);
    }
  }
  t.diagnostic(`${names.length} names: ${taken} came through, the others were refused`);
  assert.ok(taken > 200);
});

test('whatever is sent, no request meets a fault of the receiver, and there are just the jobs that were accepted', async (t) => {
  const segment = fc.oneof(
    fc.constantFrom(
      'demo',
      'other',
      'main',
      'feature%2Fx',
      'branches',
      'projects',
      'jobs',
      '%00',
      '%2e%2e',
      '%ff',
      '..',
      '*',
      ':branch',
    ),
    fc.string({ maxLength: 12 }).map((text) => encodeURIComponent(text.isWellFormed() ? text : 'x')),
  );
  const path = fc.array(segment, { maxLength: 6 }).map((parts) => `/api/${parts.join('/')}`);
  const act = fc.constantFrom('/deploy', '/cancel', '/rollback', '/suspend', '/rotate', '/nothing', '/', '');
  const branch = segment.chain((name) => act.map((what) => `/api/projects/demo/branches/${name}${what}`));
  const body = fc.oneof(
    { arbitrary: fc.constantFrom(undefined, '{}', 'null', '{"why":"x"}'), weight: 5 },
    fc.json(),
    fc.string(),
    fc.object().map((value) => JSON.stringify(value)),
  );
  const looked = JSON.stringify({ publishedAt: '2026-01-01T00:00:00.000Z', suspended: null }); // or a look would be 503
  for (const project of ['demo', 'other']) await rig.queues.redis.hset(publishedKey(queuePrefix, project), '*', looked);
  let asked = 0;
  const accepted = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'POST', 'POST', 'DELETE', 'PUT', 'PATCH'),
      fc.oneof(path, { arbitrary: branch, weight: 4 }, fc.constant('/api/projects/demo/sweep')),
      body,
      async (method, where, what) => {
        const sent = method === 'GET' ? undefined : what;
        const response = await fetch(`${rig.receiver.url}${where}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(sent === undefined ? {} : { 'content-type': 'application/json' }), // JSON without a body is none
          },
          ...(sent === undefined ? {} : { body: sent }),
        });
        const answer = await response.text();
        if (response.status === 202) accepted.add(JSON.parse(answer).job);
        asked += 1;
        assert.ok(response.status < 500, `${method} ${where} ${what}: ${response.status}`);
      },
    ),
    { numRuns: 1_000 },
  );
  t.diagnostic(`${asked} requests, ${accepted.size} jobs`);
  assert.ok(accepted.size > 20, `${accepted.size} jobs`);
  const { build, operate, sweep } = rig.queues;
  const jobs = await Promise.all([build, operate, sweep].map((queue) => queue.getJobs(['waiting', 'prioritized'])));
  assert.deepEqual(new Set(jobs.flat().map(({ id }) => id)), accepted);
  assert.ok(!rig.receiver.log.some(({ level }) => Number(level) >= 50));
});

test('the description that is served is OpenAPI 3.1, and each route of the API is in it, with the scope it needs', async () => {
  const { body: description } = await callApi(rig.receiver.url, null, 'GET', '/api/openapi.json');

  const verdict = await new Validator().validate(structuredClone(description));

  assert.deepEqual(verdict, { valid: true });
  assert.equal(description.openapi, '3.1.0');
  const described = Object.entries<object>(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(described.toSorted(), apiRoutes.map(([method, path]) => `${method} ${path}`).toSorted());
  const page = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z]+) (\/api\S*)` \|/gm)].map(
    ([, method, path = '']) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
  );
  assert.deepEqual(documented.toSorted(), described.toSorted());
  for (const [method, path, scope] of apiRoutes)
    assert.deepEqual(
      description.paths[path][method.toLowerCase()].security,
      [{ token: scope === null ? [] : [scope] }],
      `${method} ${path}`,
    );
  const ids = apiRoutes.map(([method, path]) => description.paths[path][method.toLowerCase()].operationId);
  for (const id of ids) assert.match(id, /^[a-z][A-Za-z]+$/);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    apiRoutes.map(([method, path]) => [method, description.paths[path][method.toLowerCase()].requestBody?.required]),
    apiRoutes.map(([method]) => [method, method === 'GET' ? undefined : false]),
    'each body may be left out',
  );
});

test('what the worker has published is shown, with what waits, and what is not there is told from what is not known', async () => {
  const decided = { by: 'somebody', at: '2026-01-01T00:00:00.000Z', why: '' };
  const unknown = await call('GET', at('feature/x'));
  const key = publishedKey(queuePrefix, 'demo');
  const published = {
    project: 'demo',
    branch: 'feature/x',
    slug: slugOf('feature/x'),
    url: 'http://localhost:8080/x/',
    state: 'live',
    serving: 1,
    commit: 'a'.repeat(40),
    desired: 1,
    since: decided.at,
    pinned: decided,
    suspended: null,
    asleep: null,
    expired: null,
    head: null,
    lastFailure: null,
    notes: [],
    releases: [
      {
        seq: 1,
        commit: 'a'.repeat(40),
        builtAt: decided.at,
        buildMs: 10,
        switchedAt: decided.at,
        verdict: { state: 'verified', at: decided.at },
        isServing: true,
        isDesired: true,
      },
    ],
    publishedAt: decided.at,
  };
  await rig.queues.redis.hset(key, slugOf('feature/x'), JSON.stringify(published));
  await rig.queues.redis.hset(key, 'odd', 'not JSON');
  await rig.queues.redis.hset(key, '*', JSON.stringify({ publishedAt: decided.at, suspended: null }));
  const { job } = (await call('POST', at('feature/x', 'deploy'))).body;
  await call('POST', at('new', 'deploy'));

  const project = await call('GET', '/api/projects/demo');
  const branch = await call('GET', at('feature/x'));
  const bySlug = await call('GET', at(slugOf('feature/x')));
  const releases = await call('GET', `${at('feature/x')}/releases`);
  const missing = await call('GET', at('missing'));

  assert.deepEqual([unknown.status, unknown.headers.get('retry-after')], [503, '10']);
  assert.equal(branch.status, 200, JSON.stringify(branch.body));
  const { releases: _, ...shown } = published;
  assert.deepEqual({ ...branch.body, jobs: [] }, { ...shown, jobs: [] });
  assert.deepEqual(
    branch.body.jobs.map((each: { id: string; state: string }) => [each.id, each.state]),
    [[job, 'waiting']],
  );
  assert.deepEqual(bySlug.body, branch.body);
  assert.deepEqual(releases.body, { releases: published.releases });
  assert.equal(project.body.branches.length, 1);
  assert.deepEqual(
    project.body.jobs.map((each: { branch: string }) => each.branch),
    ['new'],
  );
  assert.equal(missing.status, 404);
});

test('what waits of a project is shown however much of another waits beside it', async () => {
  const { job } = (await call('POST', at('long-waiting', 'deploy'))).body;
  await rig.queues.build.addBulk(
    Array.from({ length: 1_200 }, (_, number) => ({
      name: 'build',
      data: { project: 'other', branch: `b-${number}`, asked: { by: 'sweep' } },
    })),
  );

  const { body } = await call('GET', '/api/projects/demo');

  assert.deepEqual(
    body.jobs.map(({ id, state }: { id: string; state: string }) => [id, state]),
    [[job, 'waiting']],
  );
});

test('what is put off to be tried again while the list is read is in it', async (t) => {
  const { job: id } = (await call('POST', at('retried', 'deploy'))).body;
  const worker = new Worker(queueNames.build, null, { connection: { path: rig.redis.socket }, prefix: queuePrefix });
  t.after(() => worker.close());
  const running: Job | undefined = await worker.getNextJob('token');
  let reads = 0;
  const gate: Gate = async (_what, run) => {
    const read = await run();
    reads += 1;
    if (reads === 2) await running?.moveToDelayed(Date.now() + 60_000, 'token');
    return read;
  };

  const jobs = await unfinishedJobs(rig.queues, gate, 'demo');

  assert.equal(running?.id, id);
  assert.deepEqual(
    jobs.map((job) => job.id),
    [id],
  );
});

test('deliveries are shown by project, by branch and by pages', async () => {
  for (const branch of ['one', 'two', 'three']) await rig.receiver.deliver(push(branch));
  const all = await until('the ledger has them', async () => {
    const answer = await call('GET', '/api/projects/demo/deliveries?limit=2');
    const first = answer.body.deliveries[0]?.branches[0]?.branch;
    return first === 'three' && answer;
  });

  const next = await call('GET', `/api/projects/demo/deliveries?limit=1&before=${all.body.deliveries[1].seq}`);
  const one = await call('GET', '/api/projects/demo/deliveries?branch=one');
  const wrong = await call('GET', '/api/projects/demo/deliveries?limit=0');
  const other = await call('GET', '/api/projects/other/deliveries');

  assert.equal(all.body.deliveries.length, 2);
  assert.equal(next.body.deliveries[0].branches[0].branch, 'one');
  assert.equal(one.body.deliveries[0].branches[0].branch, 'one');
  assert.equal(wrong.status, 400);
  assert.deepEqual(other.body, { deliveries: [] });
});

test('while Redis is frozen or gone everything is answered 503 within 1.1 s, with when to come again', async (t) => {
  const asked = [
    ['POST', at('main', 'deploy')],
    ['POST', at('main', 'rollback')],
    ['DELETE', at('main')],
    ['POST', '/api/projects/demo/sweep'],
    ['GET', '/api/projects/demo'],
    ['GET', at('main')],
    ['GET', '/api/jobs/person-any'],
  ] as const;
  rig.redis.freeze();
  try {
    const answers = await Promise.all(asked.map(async ([method, path]) => await call(method, path)));
    for (const { status, headers, body, ms } of answers) {
      assert.equal(status, 503);
      assert.match(body.reason, /^the queues cannot be reached now/); // and nothing of what Redis says
      assert.equal(headers.get('retry-after'), '10');
      assert.ok(ms < 1_100, `${ms} ms`);
    }
    t.diagnostic(`slowest ${Math.max(...answers.map(({ ms }) => ms)).toFixed(0)} ms`);
  } finally {
    rig.redis.thaw();
  }
  await until('it is taken again', async () => (await call('GET', '/api/projects')).status === 200);
});
