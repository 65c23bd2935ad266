import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { OperationResult } from '@bough/core/control/operation.ts';
import { appFiles } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
let bough: Installation;
before(async () => {
  // The settle and drain times users have: a rollback must not need other ones to be quick.
  bough = await install({ reconcile: {} });
  for (const each of [bough.redis, bough.builds, bough.reconciles]) each.on('error', () => undefined); // it is stopped
  for (const text of ['first', 'second']) {
    await bough.push('main', appFiles({ text }));
    await bough.untilServes('main', text);
    await bough.untilIdle();
  }
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

const units = async () => await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-demo--main--r*');

for (const { who, alone, to } of [
  { who: 'the worker', alone: false, to: 1 },
  { who: 'the command alone, the worker stopped too,', alone: true, to: 2 },
]) {
  test(`with the network cut and Redis, the receiver and the repository away, a rollback by ${who} is healthy without waiting for any of them`, async (t) => {
    await cutNetwork();
    await systemctl(
      'stop',
      'bough-redis.service',
      'bough-receiver.service',
      ...(alone ? ['bough-worker.service'] : []),
    );
    await rename('/srv/bough-test/demo.git', '/srv/bough-test/away.git');
    t.after(async () => {
      await rename('/srv/bough-test/away.git', '/srv/bough-test/demo.git');
      await systemctl('start', 'bough-redis.service', 'bough-receiver.service', 'bough-worker.service');
    });

    const { code, stdout, stderr, ms } = await run(['rollback', 'demo', 'main', String(to), '--json']);

    assert.equal(code, 0, stderr);
    const { body, status } = await get('/main/');
    assert.equal(status, 200);
    assert.match(body, new RegExp(`from release ${to} `));
    const healthyMs = OperationResult.parse(JSON.parse(stdout)).ms;
    t.diagnostic(`healthy after ${healthyMs} ms; with the start of the command ${ms} ms`);
    // Less than any deadline of what is away. How quick it is tells `bench rollback`.
    assert.ok(healthyMs <= 5_000, `${healthyMs} ms`);
    // The next one is to find the other release stopped, as it is long after a switch.
    await until('the other release is gone', async () => !(await units()).includes(`--r${3 - to}-`), 60_000);
  });
}

/** Leaves the machine its loopback, which apps and Caddy need, and nothing else. */
async function cutNetwork(): Promise<void> {
  for (const name of Object.keys(networkInterfaces()).filter((each) => each !== 'lo'))
    await exec('ip', ['link', 'set', name, 'down']);
  const [error] = await once(connect({ host: '192.0.2.1', port: 443 }), 'error');
  assert.equal(error.code, 'ENETUNREACH');
}
