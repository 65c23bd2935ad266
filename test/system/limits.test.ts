import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { parseBootRecord } from '@bough/core/state/boot-record.ts';
import { Deployment } from '@bough/core/state/deployment.ts';
import { appFiles } from '../support/app-files.ts';
import { bough as command } from '../support/command-line.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { until } from '../support/until.ts';

const idOf = (slug: string) => ({ project: 'demo', slug });
const manifest = (services: object) =>
  `mkdir -p "$out/share/bough"
sed "s|@out@|$out|g" > "$out/share/bough/deployment.json" <<'END'
${JSON.stringify({ schema: 1, services })}
END`;
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

/** The units of processes that run, without what stands in front of them. */
async function running(): Promise<string[]> {
  const units = await systemctl('list-units', '--state=running', '--plain', '--no-legend', 'bough-demo--*--r*.service');
  return [...units.matchAll(/^bough-demo--(\S+)--r\d+-([a-z]+)\.service/gm)]
    .map(([, slug, service]) => (service === 'web' ? `${slug}` : `${slug} ${service}`))
    .toSorted();
}

const record = async (bough: Installation, slug: string) =>
  Deployment.parse(JSON.parse(await readFile(bough.layout.deploymentFile(idOf(slug)), 'utf8')));
/** Jobs that failed over what is tried here; the first sweep of an installation may fail, over a repository without a branch. */
const failures = async ({ reconciles }: Installation) =>
  (await reconciles.getFailed())
    .map(({ name, failedReason }) => `${name}: ${failedReason}`)
    .filter((failure) => failure.startsWith('reconcile:') || failure.includes('limits of demo'));
const statusOf = async (slug: string) =>
  JSON.parse((await command(['status', 'demo', slug, '--json'])).stdout).deployments[0];
const invocation = async (unit: string) =>
  (await systemctl('show', '--value', '--property=InvocationID,MainPID', unit)).trim();

async function pushAll(bough: Installation, branches: Record<string, Record<string, string>>): Promise<void> {
  for (const [branch, files] of Object.entries(branches)) {
    await bough.push(branch, files);
    await bough.untilServes(branch, branch);
    await bough.untilIdle();
  }
}

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

test('a preview expires so long after its last push, says so, and comes back by a push or by resume', async (t) => {
  await using bough = await install({}, { ttl: '20s' });
  await pushAll(bough, { main: appFiles({ text: 'main' }), old: appFiles({ text: 'old one' }) });
  const untilExpired = () =>
    until(
      'it has expired',
      async () => {
        await bough.sweep();
        return (await record(bough, 'old')).expired;
      },
      60_000,
    );
  const page = async () => {
    const { status, body } = await get('/old/');
    return `${status} ${/<title>(.*)<\/title>.*<p>(.*)<\/p>/.exec(body)?.slice(1).join(': ')}`;
  };
  const expiredPage =
    '503 This branch has expired: It was not pushed to or visited for too long. A push to it, or bough resume, brings it back.';

  await t.test(
    'nothing of it runs or would after a reboot, its releases stay, and the page and the status say why',
    async () => {
      const { at, why } = await untilExpired();
      await bough.sweep();

      assert.equal(why, 'nothing was pushed to it for 20 s');
      assert.deepEqual(await running(), ['main']);
      assert.equal(await page(), expiredPage);
      const status = await statusOf('old');
      assert.deepEqual([status.state, status.expired, status.serving], ['expired', { at, why }, null]);
      assert.ok(!existsSync(bough.layout.bootRecord(idOf('old'))));
      assert.ok(
        existsSync(bough.layout.releaseFile(idOf('old'), 1)) && existsSync(bough.layout.releaseRoot(idOf('old'), 1)),
      );
      assert.match(await readFile(bough.layout.operations(idOf('old')), 'utf8'), /"kind":"expire","by":"bough"/);
      assert.match((await command(['wake', 'demo', 'old'])).stderr, /has expired: nothing was pushed to it for 20 s/);
    },
  );

  await t.test('its page is written anew when a reboot took it', async () => {
    await rm(bough.layout.sockets(idOf('old')), { recursive: true });
    assert.equal((await get('/old/')).status, 404);

    await bough.sweep();

    assert.equal(await page(), expiredPage);
  });

  await t.test('a push brings it back', async () => {
    await bough.push('old', appFiles({ text: 'young again' }));

    await bough.untilServes('old', 'young again from release 2');
    assert.equal((await record(bough, 'old')).expired, null);
  });

  await t.test('so does bough resume, from which its time to live counts anew', async () => {
    await untilExpired();
    await bough.untilIdle();

    const resumed = await command(['resume', 'demo', 'old', '--why', 'for a look']);
    assert.equal(resumed.code, 0, resumed.stderr);
    await bough.untilServes('old', 'young again from release 2');
    await bough.sweep();

    const { expired, resumed: decision } = await record(bough, 'old');
    assert.deepEqual([expired, decision?.why], [null, 'for a look']);
    assert.deepEqual(await running(), ['main', 'old']);
  });

  assert.match((await get('/main/')).body, /^main from release 1/, 'production never expires');
  assert.deepEqual(await failures(bough), []);
});

test('where the project says so, the preview used least recently expires when there is no room', async () => {
  await using bough = await install({}, { maxLive: 1, whenFull: 'expire' });
  await pushAll(bough, {
    main: appFiles({ text: 'main' }),
    one: appFiles({ text: 'one' }),
    two: appFiles({ text: 'two' }),
  });

  assert.deepEqual(await running(), ['main', 'two']);
  assert.match((await record(bough, 'one')).expired?.why ?? '', /^2 previews were live where 1 may be/);
  assert.match((await get('/one/')).body, /This branch has expired/);

  await bough.push('one', appFiles({ text: 'one is back' }));
  await bough.untilServes('one', 'one is back');
  await bough.untilIdle();
  assert.deepEqual(await running(), ['main', 'one']);

  // What had expired becomes the production branch, which no limit is for.
  const config = JSON.parse(await readFile('/etc/bough/bough.json', 'utf8'));
  config.projects.demo.production = 'two';
  await writeFile('/etc/bough/bough.json', JSON.stringify(config));
  await systemctl('restart', 'bough-worker.service');
  await bough.sweep();
  await bough.untilServes('two', 'two from release 1');
  assert.equal((await record(bough, 'two')).expired, null);
  assert.deepEqual(await failures(bough), []);
});
