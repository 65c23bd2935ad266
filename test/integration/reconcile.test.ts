import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { AppError } from '@bough/core/app-error.ts';
import { parseConfig } from '@bough/core/config/parse-config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { newDeployment } from '@bough/core/state/deployment.ts';
import { Manifest } from '@bough/core/state/manifest.ts';
import type { Release } from '@bough/core/state/release.ts';
import { unitName } from '@bough/core/unit-name.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { createSystemd } from '@bough/host/systemd/systemd.ts';
import { createUnitFiles } from '@bough/host/systemd/unit-files.ts';
import { createReconcileDeployment } from '@bough/host/reconcile/reconcile-deployment.ts';
import { pino } from 'pino';
import { aRelease } from '../support/model.ts';
import { until } from '../support/until.ts';
import { addApp } from '../support/store-path.ts';

const id = { project: 'demo', slug: 'main' };
const run = createRunCommand({ log: pino({ level: 'silent' }) });
const folder = await mkdtemp('/var/lib/bough-test-');
const config = parseConfig(
  JSON.stringify({
    stateDir: `${folder}/state`,
    runtimeDir: await mkdtemp('/run/bt-'),
    board: { passwordFile: '/none' },
    reconcile: { settleSec: 0.3, drainSec: 0.1 },
    projects: { demo: { remote: '/none', webhookSecretFiles: ['/none'], url: 'http://localhost:8080' } },
  }),
  'test',
);
const layout = layoutOf(config);
const store = createDeploymentStore(layout);
const systemd = createSystemd({ scope: 'system', run, environment: {} });
const unitFiles = createUnitFiles(layout);
const systemdVersion = await systemd.version();
await run(['systemd-sysusers', '--inline', 'u bough-caddy -']); // who may connect to sockets
const reconcile = createReconcileDeployment({
  config,
  layout,
  store,
  systemd,
  unitFiles,
  settleMs: 300,
  drainMs: 100,
  stopTimeoutMs: 5_000,
  now: () => new Date(),
  actions: {
    begin(what) {
      waits.push(what);
      return () => undefined;
    },
  },
  holdRoot: async (_, seq, outPath) => {
    await mkdir(layout.releases(id), { recursive: true });
    await rm(layout.releaseRoot(id, seq), { force: true });
    await symlink(outPath, layout.releaseRoot(id, seq));
  },
  forgetBranch: async () => undefined,
  unitHost: () => ({
    scope: 'system',
    layout,
    systemdVersion,
    socketProxyd: '/lib/systemd/systemd-socket-proxyd',
    waitForPort: [process.execPath, fileURLToPath(import.meta.resolve('@bough/host/wait-for-port.mjs'))],
    stopTimeoutSec: 5,
    user: 'bough-00000001',
    url: 'http://localhost:8080/main',
    basePath: '/main',
    sleepAfterSec,
    isProduction: false,
    credentials,
  }),
});

let sleepAfterSec: number | null = null;
let credentials: { name: string; file: string }[] = [];
const lines: string[] = [];
const waits: string[] = [];
const go = (again = false) =>
  reconcile(id, { signal: AbortSignal.timeout(60_000), log: (line) => lines.push(line), again });

const manifestOf = (outPath: string, web: Record<string, unknown> = {}) =>
  Manifest.parse({
    schema: 1,
    services: { web: { exec: [`${outPath}/bin/app`], health: { path: '/', timeoutSec: 5 }, ...web } },
  });

/** Makes a release desired, as a finished build does. */
async function release(seq: number, source: string, changes: Partial<Release> = {}): Promise<void> {
  const outPath = await addApp(run, source);
  const base = aRelease(seq, 'pending', { outPath, ports: { web: 21_000 + seq } });
  await store.writeRelease({ ...base, manifest: manifestOf(outPath), ...changes });
  await store.write({ ...newDeployment(id, 'main'), desired: seq, lastSeq: seq });
}

const answering = (text: string) => `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end(${JSON.stringify(text)} + process.env.BOUGH_RELEASE + ' ' + process.env.BASE_PATH)).listen(process.env.PORT, '127.0.0.1');`;
const onSocket = `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end('by fd ' + process.env.LISTEN_FDS)).listen({ fd: 3 });`;

function get(socketPath: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/' }, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => (body += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

const processOf = (seq: number) => unitName({ ...id, seq, service: 'web', role: 'process' });
const socketUnit = (seq: number) => unitName({ ...id, seq, service: 'web', role: 'socket' });
const ours = async () => (await systemd.list('bough-demo--main--r*')).filter((name) => name !== '');

/** What an aborted run left: it had another folder, so that nothing of it passes for ours. */
async function clearAborted(): Promise<void> {
  const units = await ours();
  if (units.length > 0) await systemd.stop(units, 20_000);
  for (const name of await readdir(layout.unitDir)) {
    if (name.startsWith('bough-demo--main--')) await rm(`${layout.unitDir}/${name}`);
  }
  for (const apps of ['/var/lib/bough-apps', '/var/lib/private/bough-apps'])
    await rm(`${apps}/demo--main`, { recursive: true, force: true });
  await systemd.reload();
}

async function clear(): Promise<void> {
  sleepAfterSec = null;
  credentials = [];
  await store.write({ ...newDeployment(id, 'main'), present: false });
  await go().catch(() => undefined);
  lines.length = 0;
  waits.length = 0;
}

before(async () => {
  assert.equal(process.getuid?.(), 0, 'these tests need root and a systemd of their own: run them with script/test');
  await clearAborted();
});
beforeEach(clear);
after(async () => {
  await clear();
  await rm(folder, { recursive: true, force: true });
  await rm(config.runtimeDir, { recursive: true, force: true });
});

test('an app that listens on PORT is live behind its socket, as a user of its own, without a daemon-reload', async () => {
  await release(1, answering('release '));

  const outcome = await go();

  assert.equal(outcome.outcome, 'converged');
  assert.deepEqual(await get(layout.currentSocket(id)), { status: 200, body: 'release 1 /main' });
  const [state] = await systemd.show([processOf(1)]);
  assert.equal(state?.active, 'active');
  assert.equal(state?.needsReload, false);
  const status = (await run(['systemctl', 'show', '--property=ExecStart,User,DynamicUser', processOf(1)])).stdout;
  assert.match(status, /path=\/nix\/store\//);
  assert.match(status, /DynamicUser=yes/);
  assert.ok(!outcome.applied.some((line) => line.startsWith('reload systemd')));
});

test('systemd has nothing to say against the units', async () => {
  await release(1, answering('release '));
  await go();
  const units = (await ours()).filter((name) => !name.endsWith('.slice'));

  const { stderr } = await run(['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', '--', ...units]);

  assert.equal(units.length, 3);
  assert.doesNotMatch(stderr, /bough-demo/);
});

test('a second reconcile of what is live does nothing', async () => {
  await release(1, answering('release '));
  await go();

  assert.deepEqual((await go()).applied, []);
});

test('an app that takes a socket gets it, with no proxy and no port', async () => {
  const outPath = await addApp(run, onSocket);
  await release(1, onSocket, { outPath, ports: {}, manifest: manifestOf(outPath, { listen: 'socket' }) });

  await go();

  assert.deepEqual(await get(layout.currentSocket(id)), { status: 200, body: 'by fd 1' });
  assert.deepEqual((await ours()).toSorted(), [processOf(1), socketUnit(1)].toSorted());
});

test('an app that asks for the addresses of its host gets them', async () => {
  await release(1, `import { networkInterfaces } from 'node:os'; networkInterfaces(); ${answering('release ')}`);

  assert.equal((await go()).outcome, 'converged');
  assert.equal((await get(layout.currentSocket(id))).body, 'release 1 /main');
});

test('what a manifest sets for its own program does not keep what waits for its port from starting', async () => {
  const libraries = await mkdtemp('/opt/bough-test-libraries-');
  await chmod(libraries, 0o755);
  await writeFile(`${libraries}/libstdc++.so.6`, 'which Node cannot be started with');
  const set = { NODE_OPTIONS: '--require ./not-there.cjs', LD_LIBRARY_PATH: libraries };
  const outPath = await addApp(run, answering('release '), [
    `test "$NODE_OPTIONS $LD_LIBRARY_PATH" = '${set.NODE_OPTIONS} ${set.LD_LIBRARY_PATH}' || exit 9`,
    'unset NODE_OPTIONS LD_LIBRARY_PATH',
  ]);
  await release(1, 'unused', { outPath, manifest: manifestOf(outPath, { environment: set }) });

  const { outcome } = await go();
  await rm(libraries, { recursive: true });

  assert.equal(outcome, 'converged');
  assert.equal((await get(layout.currentSocket(id))).body, 'release 1 /main');
});

test('a switch leaves nothing of the old release in systemd', async () => {
  await release(1, answering('release '));
  await go();
  await release(2, answering('second release '));

  await go();

  assert.equal((await get(layout.currentSocket(id))).body, 'second release 2 /main');
  assert.equal(await readlink(layout.currentSocket(id)), 'r2-web.sock');
  assert.ok((await ours()).every((name) => name.includes('--r2-')));
  assert.deepEqual(await readdir(layout.sockets(id)), ['r2-web.sock', 'web.sock']);
  assert.ok(waits.includes('waiting for the old release of demo--main to drain'));
});

const unfit: [string, string, string][] = [
  ['an app that never listens', `setInterval(() => {}, 1000);`, 'APP_NEVER_LISTENED'],
  [
    'an app that answers 500',
    `import { createServer } from 'node:http'; createServer((q, r) => { r.statusCode = 500; r.end(); }).listen(process.env.PORT);`,
    'APP_UNHEALTHY',
  ],
  ['an app that exits', `console.log('cannot go on'); process.exit(3);`, 'APP_EXITED'],
];
for (const [what, source, code] of unfit) {
  test(`${what} fails its release with ${code}, and the old one goes on serving`, async () => {
    await release(1, answering('release '));
    await go();
    const [earlier] = await systemd.show([processOf(1)]);
    await release(2, source);

    await assert.rejects(go(), (error) => error instanceof AppError && error.code === code);

    const [later] = await systemd.show([processOf(1)]);
    assert.equal(later?.mainPid, earlier?.mainPid);
    assert.equal((await get(layout.currentSocket(id))).body, 'release 1 /main');
    assert.ok(
      (await ours()).every((name) => name.includes('--r1-')),
      (await ours()).join(' '),
    );
    assert.deepEqual((await go()).applied, [], 'it is not tried again by itself');
  });
}

test('what a failed process wrote last is in the error', async () => {
  await release(1, `console.log('cannot go on'); process.exit(3);`);

  await assert.rejects(go(), (error) => error instanceof AppError && error.log.includes('cannot go on'));
});

test('a slow start that outlives the worker who asked for it is waited for, not taken for a failure', async () => {
  await release(
    1,
    `import { createServer } from 'node:http'; setTimeout(() => createServer((q, r) => r.end()).listen(process.env.PORT, '127.0.0.1'), 3000);`,
  );
  const worker = new AbortController();
  const asked = assert.rejects(reconcile(id, { signal: worker.signal, log: () => undefined, again: false }));
  const isStarting = async () => (await systemd.show([processOf(1)]))[0]?.active === 'activating';
  await until('the process is starting', isStarting);
  worker.abort();
  await asked;
  assert.ok(await isStarting());

  assert.equal((await go()).outcome, 'converged');
  assert.equal((await get(layout.currentSocket(id))).status, 200);
});

test('an answer that never ends does not hold up the health check', async () => {
  await release(
    1,
    `import { createServer } from 'node:net'; createServer((s) => { s.on('error', () => 0); s.write('HTTP/1.1 200 OK\\r\\nx: '); setInterval(() => s.write('a'), 500); }).listen(process.env.PORT, '127.0.0.1');`,
  );
  const began = performance.now();

  // It does listen: its answer is what is wrong with it.
  await assert.rejects(go(), (error) => error instanceof AppError && error.code === 'APP_UNHEALTHY');

  assert.ok(performance.now() - began < 20_000);
});

test('a socket whose file was removed is opened again', async () => {
  await release(1, answering('release '));
  await go();

  await rm(layout.releaseSocket(id, 1, 'web'));
  await go();
  assert.equal((await get(layout.currentSocket(id))).status, 200);

  await rm(layout.sockets(id), { recursive: true });
  await go();
  assert.equal((await get(layout.currentSocket(id))).status, 200);
});

test('a person who retries a failed release has it verified again', async () => {
  await release(
    1,
    `import { existsSync } from 'node:fs'; if (!existsSync(process.env.STATE_DIRECTORY + '/may-start')) process.exit(1); ${answering('release ')}`,
  );
  await assert.rejects(go());
  await writeFile('/var/lib/bough-apps/demo--main/may-start', '');

  const outcome = await go(true);

  assert.equal(outcome.release, 1);
  assert.equal((await get(layout.currentSocket(id))).status, 200);
});

test('units a person stopped, removed or edited are made whole again', async () => {
  await release(1, answering('release '));
  await go();
  await systemd.stop([processOf(1), socketUnit(1)], 10_000);
  assert.ok((await go()).applied.some((line) => line.startsWith('start')));
  assert.equal((await get(layout.currentSocket(id))).status, 200);

  await rm(layout.unitLink(processOf(1)));
  assert.ok((await go()).applied.some((line) => line.startsWith('link')));

  await unitFiles.write(processOf(1), '[Service]\nExecStart=/bin/false\n');
  assert.ok((await go()).applied.some((line) => line.includes('text was edited')));
  assert.equal((await get(layout.currentSocket(id))).status, 200);
  assert.deepEqual((await go()).applied, []);
});

test('a masked unit is told and left alone', async () => {
  await release(1, answering('release '));
  await go();
  await systemd.stop([processOf(1), socketUnit(1)], 10_000);
  await run(['systemctl', 'mask', processOf(1)], { allowExitCodes: [1] });
  const { outcome, drift } = await go();
  await run(['systemctl', 'unmask', processOf(1)]);

  assert.equal(outcome, 'drift');
  assert.match(drift.join(), /masked/);
});

test('a deleted branch leaves nothing: no unit, socket, symlink, state, release or folder of the app', async () => {
  await release(1, answering('release '));
  await go();
  assert.ok(existsSync('/var/lib/bough-apps/demo--main'));
  await store.write({ ...newDeployment(id, 'main'), present: false });

  assert.equal((await go()).outcome, 'removed');

  assert.deepEqual(await ours(), []);
  assert.ok(!existsSync(layout.sockets(id)));
  assert.ok(!existsSync(layout.deployment(id)));
  assert.deepEqual(await readdir(layout.units), []);
  assert.ok(!existsSync('/var/lib/bough-apps/demo--main') && !existsSync('/var/lib/private/bough-apps/demo--main'));
  assert.equal((await run(['systemctl', 'list-units', '--all', '--no-legend', 'bough-demo--*'])).stdout.trim(), '');
});

const hasFolder = () =>
  existsSync('/var/lib/bough-apps/demo--main') || existsSync('/var/lib/private/bough-apps/demo--main');

const deletable: [string, () => Promise<unknown>][] = [
  [
    'whose process ignores SIGTERM',
    async () => {
      await release(1, `process.on('SIGTERM', () => {}); ${answering('release ')}`);
      await go();
    },
  ],
  [
    'whose only release failed',
    async () => {
      await release(1, 'process.exit(1)');
      await assert.rejects(go());
    },
  ],
  [
    'whose links are lost, as after a reboot,',
    async () => {
      await release(1, answering('release '));
      await go();
      const units = await ours();
      await systemd.stop(units, 20_000);
      for (const unit of units) await rm(layout.unitLink(unit), { force: true });
    },
  ],
];
for (const [which, arrange] of deletable) {
  test(`a deleted branch ${which} leaves nothing either`, async () => {
    await arrange();
    assert.ok(hasFolder());
    await store.write({ ...newDeployment(id, 'main'), present: false });

    assert.equal((await go()).outcome, 'removed');

    assert.deepEqual(await ours(), []);
    assert.ok(!hasFolder());
    assert.deepEqual(await readdir(layout.units), []);
    assert.ok(!existsSync(layout.deployment(id)));
  });
}

const logging = (text: string) => `import { appendFileSync } from 'node:fs';
  appendFileSync(process.env.STATE_DIRECTORY + '/log', ${JSON.stringify(`${text}\n`)});`;
const stateOf = async (seq: number) => (await systemd.show([processOf(seq)]))[0];

test('preStart runs once, before the process, and a second reconcile does not run it again', async () => {
  const outPath = await addApp(run, `${logging('started')} ${answering('release ')}`);
  const setup = await addApp(run, logging('prepared'));
  const manifest = manifestOf(outPath, { preStart: [`${setup}/bin/app`] });
  await release(1, 'unused', { outPath, manifest });

  const { applied } = await go();
  await systemd.stop([processOf(1)], 10_000);
  await go();

  assert.ok(
    applied.findIndex((line) => line.startsWith('run ')) < applied.findIndex((line) => line.startsWith('start ')),
  );
  assert.deepEqual((await readFile('/var/lib/bough-apps/demo--main/log', 'utf8')).trim().split('\n'), [
    'prepared',
    'started',
    'started',
  ]);
});

test('a preStart that fails fails the release with its last lines, and the old one goes on serving', async () => {
  await release(1, answering('release '));
  await go();
  const outPath = await addApp(run, answering('never '));
  const setup = await addApp(run, `console.error('no such table'); process.exit(1);`);
  await release(2, 'unused', { outPath, manifest: manifestOf(outPath, { preStart: [`${setup}/bin/app`] }) });

  await assert.rejects(
    go(),
    (error) => error instanceof AppError && error.code === 'APP_SETUP' && error.log.includes('no such table'),
  );
  assert.equal((await get(layout.currentSocket(id))).body, 'release 1 /main');
});

test('an app that may not overlap is replaced: the old process has ended before the new one begins', async () => {
  const source = (text: string) => `${logging(`${text} begins`)}
    process.on('SIGTERM', () => { appendFileSync(process.env.STATE_DIRECTORY + '/log', '${text} ends\\n'); process.exit(0); });
    ${answering(text)}`;
  for (const [seq, text] of [
    [1, 'first '],
    [2, 'second '],
  ] as const) {
    const outPath = await addApp(run, source(text));
    await release(seq, 'unused', { outPath, manifest: { ...manifestOf(outPath), strategy: 'replace' } });
    await go();
  }

  assert.equal((await get(layout.currentSocket(id))).body, 'second 2 /main');
  const log = (await readFile('/var/lib/bough-apps/demo--main/log', 'utf8')).trim().split('\n');
  assert.deepEqual(
    log.map((line) => line.trim()),
    ['first  begins', 'first  ends', 'second  begins'],
  );
  assert.ok(waits.includes(`waiting for the requests to ${socketUnit(1)} to finish`));
});

test('a replacement that fails brings the old release back', async () => {
  await release(1, answering('release '));
  await go();
  const outPath = await addApp(run, 'process.exit(1);');
  await release(2, 'unused', { outPath, manifest: { ...manifestOf(outPath), strategy: 'replace' } });

  await assert.rejects(go(), (error) => error instanceof AppError && error.code === 'APP_EXITED');
  assert.equal((await get(layout.currentSocket(id))).body, 'release 1 /main');
});

test('an idle branch sleeps with no process, and the next request wakes it', async (t) => {
  sleepAfterSec = 1;
  await release(1, answering('release '));
  await go();
  sleepAfterSec = null;

  await until('it sleeps', async () => (await stateOf(1))?.active === 'inactive', 15_000);
  assert.deepEqual((await go()).applied, [], 'sleeping is no difference to be healed');
  const asked = performance.now();
  assert.deepEqual(await get(layout.currentSocket(id)), { status: 200, body: 'release 1 /main' });

  t.diagnostic(`woken and answered in ${Math.round(performance.now() - asked)} ms`);
  assert.equal((await stateOf(1))?.active, 'active');
});

test('a suspended deployment runs nothing, and resumed it is as before', async () => {
  await release(1, answering('release '));
  await go();
  const deployment = await store.read(id);
  assert.ok(deployment);
  await store.write({ ...deployment, suspended: { by: 'ada', at: '2026-01-01T00:00:00.000Z', why: 'a test' } });
  await go();
  assert.deepEqual(await ours(), []);

  await store.write(deployment);
  await go();

  assert.equal((await get(layout.currentSocket(id))).body, 'release 1 /main');
});

test('a release that crash-loops in its probation is rolled back to the last verified one', async () => {
  await release(1, answering('release '));
  await go();
  const source = `import { existsSync } from 'node:fs';
    setInterval(() => existsSync(process.env.STATE_DIRECTORY + '/crash') && process.exit(7), 20);
    ${answering('crashing ')}`;
  await release(2, source);
  await go();
  await writeFile('/var/lib/bough-apps/demo--main/crash', '');
  await until(
    'it has crashed three times',
    async () => {
      const state = await stateOf(2);
      return (state?.restarts ?? 0) >= 3 || state?.active === 'failed';
    },
    30_000,
  );

  await assert.rejects(go(), (error) => error instanceof AppError && error.code === 'APP_CRASHED');

  assert.equal((await get(layout.currentSocket(id))).body, 'release 1 /main');
  assert.deepEqual((await go()).applied, [], 'it stays with the release it went back to');
});

test('a credential is a file of the process, and nowhere else; a missing one fails the release by name', async () => {
  const file = `${folder}/token`;
  await writeFile(file, 'a secret of the test');
  const reads = `import { readFileSync } from 'node:fs'; const secret = readFileSync(process.env.CREDENTIALS_DIRECTORY + '/token', 'utf8');`;
  credentials = [{ name: 'token', file }];
  await release(1, `${reads} ${answering('release ')}`);
  await go();
  const { stdout } = await run(['systemctl', 'cat', processOf(1)]);
  assert.ok(!stdout.includes('a secret'));

  await rm(file);
  await release(2, `${reads} ${answering('second ')}`);
  await assert.rejects(go(), (error) => error instanceof AppError && error.code === 'APP_CREDENTIALS');
  credentials = [];

  assert.equal((await get(layout.currentSocket(id))).body, 'release 1 /main');
});

test('a scheduled service has a timer and no process between its times, and deleted leaves nothing of either', async () => {
  const outPath = await addApp(run, answering('release '));
  const manifest = Manifest.parse({
    schema: 1,
    services: {
      web: { exec: [`${outPath}/bin/app`], health: { timeoutSec: 5 } },
      nightly: { exec: [`${outPath}/bin/app`], listen: 'none', schedule: 'daily' },
    },
  });
  await release(1, 'unused', { outPath, manifest });

  await go();

  const timer = unitName({ ...id, seq: 1, service: 'nightly', role: 'timer' });
  const process = unitName({ ...id, seq: 1, service: 'nightly', role: 'process' });
  assert.deepEqual(
    (await systemd.show([timer, process])).map(({ active }) => active),
    ['active', 'inactive'],
  );
  assert.deepEqual((await go()).applied, []);

  const lastRun = `/var/lib/systemd/timers/stamp-${timer}`;
  assert.ok(existsSync(lastRun));
  await store.write({ ...newDeployment(id, 'main'), present: false });
  await go();
  assert.ok(!existsSync(lastRun), 'when it last ran goes with it');
});

test('of a branch that was deleted and pushed again only what its own release 1 wrote is evidence', async () => {
  const builtAt = () => new Date().toISOString();
  await release(1, `console.error('of the first life'); process.exit(1);`, { builtAt: builtAt() });
  await assert.rejects(go(), (error) => error instanceof AppError && error.log.includes('of the first life'));
  await clear();

  await release(1, `console.error('of the second life'); process.exit(1);`, { builtAt: builtAt() });

  await assert.rejects(go(), (error) => {
    assert.ok(error instanceof AppError);
    assert.ok(error.log.includes('of the second life'), error.log.join('\n'));
    assert.ok(!error.log.includes('of the first life'), error.log.join('\n'));
    return true;
  });
});

const late = (first: string) => `import { createServer } from 'node:http';
  ${first}
  setTimeout(() => createServer((request, response) => response.end('late')).listen(process.env.PORT, '127.0.0.1'), 250);`;
for (const [ending, handler] of [
  ['at once', ''],
  ['after a while, with 0', `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 150));`],
] as const) {
  test(`a release that somebody stops while it starts is not judged by that, whenever it is; its app ends ${ending}`, async () => {
    for (const afterMs of [0, 80, 200, 400]) {
      await release(1, late(handler));
      const going = go().catch((error: unknown) => error);
      await until('it is being started', async () => (await stateOf(1))?.active === 'activating');
      await sleep(afterMs);
      // Bough may have begun to start it again: that takes the place of the stop.
      await systemd
        .stop([processOf(1)], 10_000)
        .catch((error: unknown) => assert.match(inspect(error), /Job for .* canceled/));

      const ended = await going;

      if (ended instanceof Error) assert.ok(ended instanceof AppError && ended.action === 'retry', String(ended));
      const [found] = await store.readReleases(id);
      assert.notEqual(found?.verdict.state, 'failed', `${afterMs} ms: ${JSON.stringify(found?.verdict)}`);
      await go();
      assert.equal((await get(layout.currentSocket(id))).body, 'late');
      await clear();
    }
  });
}

test("a start that fails for the host's trouble is no verdict over the release, which comes up once that is over", async () => {
  await release(1, answering('release '));
  await go();
  // A file in the place of the folder for its state: systemd cannot make that.
  await systemd.stop([processOf(1), socketUnit(1)], 10_000);
  await store.write({ ...newDeployment(id, 'main'), present: false });
  await go();
  await mkdir('/var/lib/private/bough-apps', { recursive: true });
  await writeFile('/var/lib/private/bough-apps/demo--main', '');
  await release(1, answering('release '));

  await assert.rejects(go(), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'HOST_START');
    assert.equal(error.action, 'retry');
    assert.equal(
      error.message,
      `release 1 of demo main cannot be started on this host: systemd could not set its process up (238/STATE_DIRECTORY); see journalctl --unit ${processOf(1)}`,
    );
    return true;
  });

  const [pending] = await store.readReleases(id);
  assert.deepEqual(pending?.verdict, { state: 'pending' });
  await rm('/var/lib/private/bough-apps/demo--main');
  assert.equal((await go()).outcome, 'converged');
  assert.equal((await get(layout.currentSocket(id))).status, 200);
});
