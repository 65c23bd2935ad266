import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { pino } from 'pino';
import * as z from 'zod';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { askWorker } from './ask-worker.ts';
import { type ControlRoutes, serveControl, withBody } from './serve-control.ts';

const log = pino({ level: 'silent' });
const echo = withBody(z.strictObject({ say: z.string() }), async ({ say }) => ({ said: say }));

async function serve(t: TestContext, routes: ControlRoutes = { 'POST /echo': echo }): Promise<string> {
  const path = tempHost(t).layout.control;
  const control = await serveControl(path, routes, log);
  t.after(async () => await control.close());
  return path;
}

test('what is asked at the socket is answered, and only its owner can ask', async (t) => {
  const path = await serve(t);

  assert.deepEqual(await askWorker(path, 'POST /echo', { say: 'hello' }, 5_000), { body: { said: 'hello' } });
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a body of another shape and a route that is not there are refused by name', async (t) => {
  const path = await serve(t);

  await assert.rejects(askWorker(path, 'POST /echo', { say: 1, more: 2 }, 5_000), {
    code: 'OPERATION_REFUSED',
    message: /say: .*string.*more/s,
  });
  await assert.rejects(askWorker(path, 'POST /nope', null, 5_000), { message: 'there is no POST /nope' });
});

test('a failure comes over with its code, its causes and its log', async (t) => {
  const failure = new AppError('APP_EXITED', 'it ended', {
    cause: new AppError('SYSTEMD_FAILED', 'no', { cause: new Error('deep') }),
    log: ['last line'],
  });
  const path = await serve(t, { 'POST /fail': () => Promise.reject(failure) });

  await assert.rejects(askWorker(path, 'POST /fail', null, 5_000), (error) => {
    assert.ok(error instanceof AppError && error.cause instanceof Error && error.cause.cause instanceof Error);
    assert.deepEqual([error.code, error.message, error.log], ['APP_EXITED', 'it ended', ['last line']]);
    assert.deepEqual([error.cause.message, error.cause.cause.message], ['SYSTEMD_FAILED: no', 'deep']);
    return true;
  });
});

test('where nobody listens there is no answer, and what a dead worker left is replaced', async (t) => {
  const path = await serve(t);
  assert.equal(await askWorker(`${path}.none`, 'POST /echo', null, 5_000), null);
  writeFileSync(`${path}.left`, '');

  const control = await serveControl(`${path}.left`, { 'POST /echo': echo }, log);

  assert.deepEqual(await askWorker(`${path}.left`, 'POST /echo', { say: 'x' }, 5_000), { body: { said: 'x' } });
  await control.close();
  assert.equal(await askWorker(`${path}.left`, 'POST /echo', null, 5_000), null);
});

test('a worker that accepts and does not answer is told apart from none', async (t) => {
  const path = tempHost(t).layout.stateDir.replace(/state$/, 'silent.sock');
  const silent = createServer().listen(path);
  await once(silent, 'listening');
  t.after(() => silent.close());

  await assert.rejects(askWorker(path, 'POST /echo', null, 100), {
    code: 'WORKER_UNREACHABLE',
    message: /did not answer .* within 0\.1 s/,
  });
});

test('a worker that dies before its answer is an error, and not taken for one that is not there', async (t) => {
  const path = tempHost(t).layout.stateDir.replace(/state$/, 'dying.sock');
  const dying = createServer((asker) => asker.once('data', () => asker.destroy())).listen(path);
  await once(dying, 'listening');
  t.after(() => dying.close());

  await assert.rejects(askWorker(path, 'POST /echo', null, 5_000), {
    code: 'WORKER_UNREACHABLE',
    message: /broke off before its answer/,
  });
});

test('an asker that goes away is noticed, and one that sends too much or no JSON is refused', async (t) => {
  const gone = Promise.withResolvers<void>();
  const path = await serve(t, {
    'POST /wait': async (_, asker) => {
      asker.addEventListener('abort', () => gone.resolve());
      await gone.promise;
      return {};
    },
    'POST /echo': echo,
  });

  await assert.rejects(askWorker(path, 'POST /wait', null, 100));
  await gone.promise;
  await assert.rejects(askWorker(path, 'POST /echo', { say: 'x'.repeat(70_000) }, 5_000), { message: /larger than/ });
  const sent = request({ socketPath: path, path: '/echo', method: 'POST' });
  sent.end('{');
  const [response] = await once(sent, 'response');
  assert.equal(response.statusCode, 422);
  response.resume();
});
