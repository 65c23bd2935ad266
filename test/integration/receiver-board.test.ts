// One Debian is enough: Node answers, and it is the same on both.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import test, { beforeEach, suite } from 'node:test';
import { push } from '../support/receiver.ts';
import { useReceiver } from '../support/receiver-rig.ts';
import { until } from '../support/until.ts';

const rig = useReceiver();

beforeEach(() => rig.queues.build.setGlobalConcurrency(1));

suite('who may look', () => {
  for (const path of [
    '/board',
    '/board/',
    '/board/queue/build',
    '/board/api/queues',
    '/board/static/images/logo.svg',
  ]) {
    test(`${path} asks for a password`, async () => {
      const response = await fetch(rig.receiver.url + path);

      assert.equal(response.status, 401);
      assert.match(response.headers.get('www-authenticate') ?? '', /^Basic realm="Bough"/);
    });
  }

  for (const [what, credentials] of [
    ['a wrong password', 'bough:wrong'],
    ['a wrong user', 'root:'],
    ['no password', 'bough:'],
    ['no colon', 'bough'],
  ] as const) {
    test(`${what} is answered 401, writes too`, async () => {
      const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;

      assert.equal((await fetch(`${rig.receiver.url}/board/api/queues`, { headers: { authorization } })).status, 401);
      const write = await fetch(`${rig.receiver.url}/board/api/queues/build/pause`, {
        method: 'PUT',
        headers: { authorization },
      });
      assert.equal(write.status, 401);
    });
  }

  test('the right user sees every queue, the page and its parts', async () => {
    const page = await ask('GET', '/board/');
    const script = /src="([^"]+\.js)"/.exec(page.text)?.[1] ?? '';
    const { queues: shown }: { queues: { name: string }[] } = JSON.parse((await ask('GET', '/board/api/queues')).text);

    assert.equal(page.status, 200);
    assert.match(page.text, /<base href="\/board\/"/);
    assert.equal((await ask('GET', new URL(script, `${rig.receiver.url}/board/`).pathname)).status, 200);
    assert.deepEqual(shown.map(({ name }) => name).toSorted(), ['build', 'operate', 'reconcile', 'sweep']);
  });

  test('the page is told to load nothing from elsewhere, and to be framed by nobody', async () => {
    const { headers } = await ask('GET', '/board/');

    const policy = headers.get('content-security-policy') ?? '';
    for (const directive of [
      "default-src 'self'",
      "frame-ancestors 'none'",
      "form-action 'self'",
      "object-src 'none'",
    ]) {
      assert.ok(policy.includes(directive), policy);
    }
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('strict-transport-security'), null);
  });

  test('the details of Redis are not shown', async () => {
    assert.equal((await ask('GET', '/board/api/redis/stats')).status, 403);
  });
});

suite('what may be done', () => {
  test('a failed job is retried', async () => {
    await rig.receiver.deliver(push('x'), { delivery: 'red' });
    await endOnce('delivery-demo--red--x', new Error('the builder failed'));

    const answer = await ask('PUT', '/board/api/queues/build/delivery-demo--red--x/retry', {
      'sec-fetch-site': 'same-origin',
      origin: rig.receiver.url,
    });

    assert.equal(answer.status, 204);
    assert.deepEqual((await rig.queues.waiting()).length, 1);
  });

  for (const [end, status, state] of [
    ['that was carried out is not carried out again, whatever the page offers', 403, 'completed'],
    ['that failed is tried again', 204, 'waiting'],
  ] as const) {
    test(`what a person asked for ${end}`, async () => {
      const operation = { kind: 'delete', project: 'demo', branch: 'x', by: 'ada', why: 'merged' } as const;
      await rig.queues.operate.add('operate', { operation, asked: { by: 'person' } }, { jobId: 'taken-down' });
      await endOnce('taken-down', state === 'completed' ? {} : new Error('systemd did not answer'), 'operate');

      const answer = await ask('PUT', '/board/api/queues/operate/taken-down/retry', {
        'sec-fetch-site': 'same-origin',
      });

      assert.equal(answer.status, status, answer.text);
      assert.equal(await rig.queues.operate.getJobState('taken-down'), state);
    });
  }

  test('a delayed job is promoted', async () => {
    await rig.queues.build.add(
      'build',
      { project: 'demo', branch: 'x', asked: { by: 'person' } },
      { delay: 1e6, jobId: 'late' },
    );

    assert.equal((await ask('PUT', '/board/api/queues/build/late/promote')).status, 204);
    assert.equal(await (await rig.queues.build.getJob('late'))?.getState(), 'waiting');
  });

  for (const [method, path, body] of [
    ['PUT', 'build/concurrency', { concurrency: 5 }],
    ['PUT', 'build/rate-limit', { max: 1, duration: 1000 }],
    ['PUT', 'build/rate-limit/release', undefined],
    ['PUT', 'build/pause', undefined],
    ['PUT', 'build/resume', undefined],
    ['PUT', 'build/empty', undefined],
    ['PUT', 'build/obliterate', { force: true }],
    ['PUT', 'build/promote', undefined],
    ['PUT', 'build/retry/failed', undefined],
    ['PUT', 'build/clean/wait', undefined],
    ['PUT', 'pause', undefined],
    ['PUT', 'resume', undefined],
    ['PUT', 'build/waiting-one/clean', undefined],
    ['PUT', 'build/waiting-one/remove-unprocessed-children', undefined],
    ['PATCH', 'build/waiting-one/update-data', { jobData: {} }],
    ['PATCH', 'build/waiting-one/delay', { delay: 1 }],
    ['PATCH', 'build/waiting-one/priority', { priority: 1 }],
    ['PUT', 'build/job-schedulers/sweep/run', undefined],
    ['PUT', 'build/job-schedulers/sweep/remove', undefined],
    ['PATCH', 'build/job-schedulers/sweep', { every: 1 }],
    ['POST', 'build/add', { name: 'build', data: {}, options: {} }],
    ['POST', 'build/add', undefined],
  ] as const) {
    test(`${method} ${path}${body === undefined ? ' with no body' : ''} is refused, and Redis holds what it held before`, async () => {
      await rig.queues.build.add(
        'build',
        { project: 'demo', branch: 'x', asked: { by: 'person' } },
        { jobId: 'waiting-one' },
      );
      const keys = await rig.queues.everything();

      const answer = await ask(method, `/board/api/queues/${path}`, {}, body);

      assert.ok([403, 404].includes(answer.status), `${answer.status} ${answer.text}`);
      if (answer.status === 403)
        assert.match(answer.text, /Bough allows to read, to retry one job and to promote one job/);
      assert.deepEqual(await rig.queues.everything(), keys);
    });
  }
});

suite('whose writes are taken', () => {
  for (const [what, headers] of [
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another host of the same site', { 'sec-fetch-site': 'same-site' }],
    ['a page typed in', { 'sec-fetch-site': 'none' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed page', { origin: 'null' }],
  ] as const) {
    test(`a write from ${what} is refused, with the right password too`, async () => {
      await rig.receiver.deliver(push('x'), { delivery: 'red' });
      await endOnce('delivery-demo--red--x', new Error('the builder failed'));

      const answer = await ask('PUT', '/board/api/queues/build/delivery-demo--red--x/retry', headers);

      assert.equal(answer.status, 403);
      assert.equal(await (await rig.queues.build.getJob('delivery-demo--red--x'))?.getState(), 'failed');
    });
  }
});

test('with Redis down the board says so at once, and works again afterwards', async () => {
  await rig.redis.kill();
  const down = await until('the board notices', async () => {
    const answer = await ask('GET', '/board/api/queues');
    return answer.status === 503 && answer;
  });
  assert.match(down.text, /Redis is not connected/);

  await rig.redis.start();
  await until('the board is back', async () => (await ask('GET', '/board/api/queues')).status === 200);
});

async function endOnce(job: string, end: Error | object, queue: 'build' | 'operate' = 'build'): Promise<void> {
  await using worker = await rig.queues.startWorker(queue);
  await worker.running(job);
  worker.finish(end);
  await until(`${job} has ended`, async () => (await rig.queues[queue].getJob(job))?.finishedOn !== undefined);
}

interface BoardAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** With the right password. Not `fetch`, which does not let a caller set `sec-fetch-site`. */
async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<BoardAnswer> {
  const { user, password } = rig.receiver.board;
  const sent = request(rig.receiver.url + path, {
    method,
    auth: `${user}:${password}`,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const { promise, resolve, reject } = Promise.withResolvers<BoardAnswer>();
  sent.on('error', reject);
  sent.on('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      const pairs = Object.entries(response.headers).map(([key, value]): [string, string] => [key, String(value)]);
      resolve({
        status: response.statusCode ?? 0,
        headers: new Headers(pairs),
        text: Buffer.concat(chunks).toString(),
      });
    });
  });
  return promise;
}
