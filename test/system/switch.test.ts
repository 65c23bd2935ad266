import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import autocannon, { type Result } from 'autocannon';
import { appFiles } from '../support/app-files.ts';
import { type Installation, install } from '../support/installation.ts';

let bough: Installation;
before(async () => {
  bough = await install();
  await bough.push('main', appFiles({ text: 'version 0' }));
  await bough.untilServes('main', 'version 0');
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

test('twenty switches under load fail no request', async (t) => {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const load = autocannon(
    { url: 'http://127.0.0.1:8080/main/', connections: 16, duration: 600, overallRate: 600 },
    (error: unknown, outcome) => (error instanceof Error ? reject(error) : resolve(outcome)),
  );

  for (let version = 1; version <= 20; version++) {
    await bough.push('main', appFiles({ text: `version ${version}.` }));
    await bough.untilServes('main', `version ${version}.`);
    await bough.untilIdle();
  }
  load.stop();
  const result = await promise;

  t.diagnostic(
    `${result.requests.total} requests, p50 ${result.latency.p50} ms, p99 ${result.latency.p99} ms, longest ${result.latency.max} ms`,
  );
  assert.ok(result.requests.total > 1000);
  assert.deepEqual(
    { errors: result.errors, timeouts: result.timeouts, non2xx: result.non2xx },
    { errors: 0, timeouts: 0, non2xx: 0 },
  );
});
