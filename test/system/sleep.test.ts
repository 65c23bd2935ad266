import assert from 'node:assert/strict';
import { readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { parseBootRecord } from '@bough/core/state/boot-record.ts';
import { manifest } from '../support/build-manifest.ts';
import { appFiles } from '../support/app-files.ts';
import { bough as command } from '../support/command-line.ts';
import { get, install, systemctl } from '../support/installation.ts';
import { failures, idOf, pushAll, record, running, statusOf } from '../support/limits.ts';
import { until } from '../support/until.ts';

const web = { exec: ['@out@/bin/app'] };

/** An app that takes the socket itself. */
const socketApp = (text: string) =>
  appFiles({
    text,
    server: `import { createServer } from 'node:http';
createServer((_, response) => response.end('${text}')).listen({ fd: 3 });
`,
    build: manifest({ web: { ...web, listen: 'socket' } }),
  });

/** An app with a process in the background, which is the same program without a port. */
const appWithJobs = (text: string) =>
  appFiles({
    text,
    server: `import { createServer } from 'node:http';
if (process.env.PORT) createServer((_, response) => response.end('${text}')).listen(Number(process.env.PORT), '127.0.0.1');
else setInterval(() => {}, 1000);
`,
    build: manifest({ web, jobs: { ...web, listen: 'none' } }),
  });

const invocation = async (unit: string) =>
  (await systemctl('show', '--value', '--property=InvocationID,MainPID', unit)).trim();

test('with room for two live previews the two used last have processes, and a visit wakes each other one', async (t) => {
  await using bough = await install({}, { maxLive: 2 });
  await pushAll(bough, { main: appFiles({ text: 'main' }) });
  const production = await invocation('bough-demo--main--r1-web.service');
  await pushAll(bough, {
    alpha: appFiles({ text: 'alpha' }),
    beta: socketApp('beta'),
    gamma: appWithJobs('gamma'),
    delta: appFiles({ text: 'delta' }),
  });

  await t.test('a new preview puts the one used least recently to sleep, and says why', async () => {
    assert.deepEqual(await running(), ['delta', 'gamma', 'gamma jobs', 'main']);
    const { asleep } = await record(bough, 'alpha');
    assert.match(
      asleep?.why ?? '',
      /^3 previews were live where 2 may be, and it was used least recently, at 20\d\d-[0-9T:.-]+Z$/,
    );
    const status = await statusOf('alpha');
    assert.equal(status.state, 'asleep');
    assert.deepEqual(status.asleep, asleep);
    assert.ok((await command(['status'])).stdout.includes(`demo alpha: put to sleep ${asleep?.at}: ${asleep?.why}`));
  });

  await t.test('a sweep that finds no visit changes nothing: what was put to sleep is not healed', async () => {
    await bough.sweep();

    assert.deepEqual(await running(), ['delta', 'gamma', 'gamma jobs', 'main']);
  });

  await t.test(
    'one behind a port answers a visit, and the next sweep, as it says before, lets another one sleep',
    async () => {
      assert.match((await get('/alpha/')).body, /^alpha from release 1/);
      assert.deepEqual(await running(), ['alpha', 'delta', 'gamma', 'gamma jobs', 'main'], 'until the sweep');

      const dry = (await command(['sweep', '--dry-run'])).stdout;
      assert.match(dry, /^sleep demo gamma: 3 previews were live where 2 may be, and it was used least recently/m);
      assert.match(dry, /^wake demo alpha: a visit woke it$/m);
      assert.equal((await running()).length, 5, 'a dry run only looks');
      await bough.sweep();

      assert.deepEqual(await running(), ['alpha', 'delta', 'main']);
      assert.equal((await record(bough, 'alpha')).asleep, null);
      assert.notEqual((await record(bough, 'gamma')).asleep, null);
    },
  );

  await t.test('one that takes the socket itself answers a visit, and what was visited before stays', async () => {
    await get('/alpha/');
    assert.equal((await get('/beta/')).body, 'beta');
    await bough.sweep();

    assert.deepEqual(await running(), ['alpha', 'beta', 'main']);
  });

  await t.test('who is connected counts as a visitor, however long ago they came', async () => {
    const visitor = connect(bough.layout.currentSocket(idOf('alpha')));
    await once(visitor, 'connect');
    await bough.sweep();
    await get('/beta/');
    const socket = bough.layout.currentSocket(idOf('beta'));
    await until('the clock of the kernel has ticked', async () => (await stat(socket)).atimeMs < Date.now() - 10);
    assert.match((await get('/delta/')).body, /^delta from/);
    await bough.sweep();

    assert.deepEqual(await running(), ['alpha', 'delta', 'main']);
    visitor.destroy();
  });

  await t.test('a visit wakes also what was started as often before as systemd lets a process that ends', async () => {
    for (let start = 0; start < 3; start += 1) await systemctl('restart', 'bough-demo--alpha--r1-web.service');
    await get('/delta/');
    await get('/beta/');
    await bough.sweep();
    assert.deepEqual(await running(), ['beta', 'delta', 'main']);

    assert.match((await get('/alpha/')).body, /^alpha from release 1/);

    await bough.sweep();
    assert.deepEqual(await running(), ['alpha', 'beta', 'main']);
  });

  await t.test('what runs in the background comes back with the visit', async () => {
    assert.equal((await get('/gamma/')).body, 'gamma');

    await until('its jobs run', async () => (await running()).includes('gamma jobs'));
    await bough.sweep();
    assert.deepEqual(await running(), ['alpha', 'gamma', 'gamma jobs', 'main']);
  });

  await t.test('a reboot brings the socket alone of what sleeps, and a visit wakes it', async () => {
    const text = await readFile(bough.layout.bootRecord(idOf('beta')), 'utf8');
    assert.deepEqual([...(parseBootRecord(idOf('beta'), text)?.starts ?? [])], ['bough-demo--beta--r1-web.socket']);
    const units = (await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-demo--beta--r*'))
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
      .filter((unit) => unit !== '');
    await systemctl('stop', 'bough-worker.service', ...units);
    await rm(bough.layout.sockets(idOf('beta')), { recursive: true });
    for (const unit of units) await rm(bough.layout.unitLink(unit), { force: true });

    await systemctl('restart', 'bough-restore.service');

    assert.ok(!(await running()).includes('beta'));
    assert.equal((await get('/beta/')).body, 'beta');
    await systemctl('start', 'bough-worker.service');
    await bough.untilIdle();
  });

  assert.equal(await invocation('bough-demo--main--r1-web.service'), production, 'production was never touched');
  assert.deepEqual(await failures(bough), []);
});
