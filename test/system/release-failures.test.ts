// One Debian is enough: classes and sentences are Bough's; what systemd tells of a failed start is in `reconcile.test.ts`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Release } from '@bough/core/state/release.ts';
import { appFiles, buildRuns } from '../support/app-files.ts';
import { bough as run } from '../support/command-line.ts';
import { derivation, flakeOf } from '../support/flake.ts';
import { get, type Installation, install, systemctl } from '../support/installation.ts';
import { manifestFlake } from '../support/manifest-app.ts';
import { nextFailure } from '../support/next-failure.ts';
import { until } from '../support/until.ts';
import { visit } from '../support/visitor.ts';

// Every way a release can fail once it is built: the class, the whole sentence, the evidence, where each is shown, and
// that the last verified release serves before, during and after it.

let bough: Installation;
before(async () => {
  // Sweeps come by themselves here: what crashes after its switch must be found by nobody's asking.
  bough = await install({ sweepIntervalSec: 3 }, { health: { timeoutSec: 3 } });
  await bough.push('late', appFiles({ text: 'sound' }));
  await bough.untilServes('late', 'sound from release 1');
  await bough.push('late', appFiles({ text: 'late', server: crashesLater(crashAfterMs) }));
  await bough.untilServes('late', 'late from release 2');
  switchedAt = performance.now();
  await bough.push('main', appFiles({ text: 'good' }));
  await bough.untilServes('main', 'good from release 1');
  await bough.untilIdle();
});
after(async () => {
  await bough[Symbol.asyncDispose]();
});

let switchedAt = 0;
const main = { project: 'demo', slug: 'main' };
const late = { project: 'demo', slug: 'late' };

const releaseOf = async (id: typeof main, seq: number) =>
  Release.parse(JSON.parse(await readFile(bough.layout.releaseFile(id, seq), 'utf8')));
const processOf = ({ slug }: typeof main, seq: number) => `bough-demo--${slug}--r${seq}-web.service`;
const mainPid = async (unit: string) => (await systemctl('show', '--value', '--property=MainPID', unit)).trim();
const stdoutOf = async (...words: string[]) => (await run(words)).stdout;

const listens = 'listen(Number(process.env.PORT), "127.0.0.1")';
const http = "import { createServer } from 'node:http';";
const web = (server: string) => appFiles({ text: 'unfit', server });

/** An app whose preStart is a shell's line. */
const prepared = (line: string) =>
  manifestFlake(
    `services.web = {
      exec = [ "/bin/true" ];
      preStart = [ "\${${derivation('setup', `printf '#!/bin/sh\\n%s\\n' "$line" > $out; chmod 755 $out`, `line = ''${line}'';`)}}" ];
      preStartTimeout = "2s";
    };`.replace('"/bin/true"', `"\${${derivation('app', "echo '#!/bin/sh' > $out; chmod 755 $out")}}"`),
  );

interface Unfit {
  readonly files: Record<string, string>;
  readonly code: string;
  /** The end of the sentence, behind "is not fit to serve: ". */
  readonly what: string;
  /** What the process said last, a line of the evidence. */
  readonly log?: string;
  /** What the last line of the sentence leads to; the process unless it is the setup. */
  readonly unit?: 'setup';
}

const unfit: Record<string, Unfit> = {
  'whose program cannot be executed': {
    files: flakeOf(
      derivation('app', 'mkdir -p $out/bin; echo "#!/nix/store/none/bin/node" > $out/bin/app; chmod 755 $out/bin/app'),
    ),
    code: 'APP_START',
    what: 'systemd could not execute the program (203/EXEC): it or its interpreter is missing',
  },
  'that exits at once': {
    files: web(`console.error('no database'); process.exit(3);`),
    code: 'APP_EXITED',
    what: 'the process ended with status 3',
    log: 'no database',
  },
  'whose process is killed': {
    files: web(`console.error('about to end'); process.kill(process.pid, 'SIGKILL');`),
    code: 'APP_EXITED',
    what: 'the process was killed by signal 9',
    log: 'about to end',
  },
  'that never listens': {
    files: web(`console.error('idling'); setInterval(() => {}, 1000);`),
    code: 'APP_NEVER_LISTENED',
    what: 'the process did not listen in time',
    log: 'idling',
  },
  'that answers with a wrong status': {
    files: web(`${http} createServer((_, r) => { r.statusCode = 500; r.end(); console.error('asked'); }).${listens};`),
    code: 'APP_UNHEALTHY',
    what: 'GET / still answered 500 after 3 s',
    log: 'asked',
  },
  'that takes the health request and never answers': {
    files: web(`${http} createServer(() => console.error('asked')).${listens};`),
    code: 'APP_UNHEALTHY',
    what: 'GET / had no answer within 3 s (the last try: no answer within 3 s)',
    log: 'asked',
  },
  'whose answer drips for ever': {
    files: web(
      `import { createServer } from 'node:net'; createServer((s) => { console.error('asked'); s.on('error', () => 0); s.write('HTTP/1.1 200 OK\\r\\nx: '); setInterval(() => s.write('a'), 100); }).${listens};`,
    ),
    code: 'APP_UNHEALTHY',
    what: 'GET / had no answer within 3 s (the last try: no answer within 3 s)',
    log: 'asked',
  },
  'whose preStart hangs': {
    files: prepared('echo waiting for the table; exec sleep 1000'),
    code: 'APP_SETUP',
    what: 'preStart took longer than its limit',
    log: 'waiting for the table',
    unit: 'setup',
  },
  'whose preStart fails': {
    files: prepared('echo no such table; exit 9'),
    code: 'APP_SETUP',
    what: 'preStart ended with status 9',
    log: 'no such table',
    unit: 'setup',
  },
};

const ended: { seq: number; code: string }[] = [];
for (const [which, { files, code, what, log, unit: role }] of Object.entries(unfit)) {
  test(`a release ${which} ends as ${code} with its cause, and the last verified one serves all the while`, async () => {
    const pid = await mainPid(processOf(main, 1));
    await using visitor = visit('/main/', 'good from release 1');

    const job = await nextFailure(
      bough.reconciles,
      () => bough.push('main', files),
      ({ data }) => data.slug === 'main',
    );

    const { asked, wrong } = await visitor.leave();
    assert.deepEqual(wrong, []);
    assert.ok(asked > 0);
    assert.equal(await mainPid(processOf(main, 1)), pid, 'it is the same process');
    const seq = JSON.parse(await readFile(bough.layout.deploymentFile(main), 'utf8')).desired;
    const unit = `bough-demo--main--r${seq}-web${role === 'setup' ? '--setup' : ''}.service`;
    const sentence = `release ${seq} of demo main is not fit to serve: ${what}; see journalctl --unit ${unit}`;
    const [first = '', ...evidence] = job.failedReason.split('\n');
    assert.equal(first, `${code}: ${sentence}`, job.failedReason);
    if (log !== undefined) assert.ok(evidence.includes(log), job.failedReason);
    const jobLog = (await bough.reconciles.getJobLogs(job.id ?? '')).logs.join('\n');
    assert.ok(jobLog.includes(`${code}: ${sentence}`), jobLog);
    const { verdict } = await releaseOf(main, seq);
    assert.deepEqual(verdict, { state: 'failed', code, message: sentence, at: 'at' in verdict ? verdict.at : '' });
    ended.push({ seq, code });
  });
}

test('the command line shows which release failed and why, which one serves, and forgets what a newer push replaced', async () => {
  const rows = await stdoutOf('releases', 'demo', 'main');
  const status = await stdoutOf('status', 'demo', 'main');

  const { seq, code } = ended.at(-1) ?? { seq: 0, code: '' };
  assert.equal(ended.length, Object.keys(unfit).length);
  assert.match(rows, new RegExp(`^RELEASE .*\n${seq} .* failed: ${code} +desired\n1 .* verified +serves\n$`));
  assert.match(status, /^demo +main +live +1 /m);
  assert.match(status, new RegExp(`^demo main: release ${seq} failed: ${code}$`, 'm'));
});

test('what failed is not tried again by a sweep, and none of its units is left', async () => {
  const { desired } = JSON.parse(await readFile(bough.layout.deploymentFile(main), 'utf8'));
  const earlier = await releaseOf(main, desired);

  await bough.sweep();

  assert.deepEqual(await releaseOf(main, desired), earlier);
  const units = (await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-demo--main--r*')).trim();
  assert.ok(
    units.split('\n').every((line) => line.startsWith('bough-demo--main--r1-')),
    units,
  );
  assert.match((await get('/main/')).body, /good from release 1/);
});

// The clock is left alone and the app waits for real while the tests above run: probation, the restarts and the limit on
// them are systemd's and Bough's own, with the settings users have. It waits from its start, which is before its switch.
const crashAfterMs = 130_000;

function crashesLater(ms: number): string {
  return `${http}
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const mark = process.env.STATE_DIRECTORY + '/born-' + process.env.BOUGH_RELEASE;
if (!existsSync(mark)) writeFileSync(mark, String(Date.now()));
const left = Number(readFileSync(mark, 'utf8')) + ${ms} - Date.now();
setTimeout(() => { console.error('out of luck'); process.exit(7); }, Math.max(0, left));
if (left > 0) createServer((_, response) => response.end('late from release ' + process.env.BOUGH_RELEASE)).${listens};
`;
}

test('a release that crash-loops two minutes after its switch is rolled back to the last verified one by itself, and that is said everywhere', async (t) => {
  const sound = await releaseOf(late, 1);
  assert.equal((await releaseOf(late, 2)).verdict.state, 'verified');
  const isIt = async () => (await bough.reconciles.getFailed()).find(({ data }) => data.slug === 'late');

  const job = await until('it is rolled back', isIt, 240_000);

  t.diagnostic(`rolled back ${Math.round((performance.now() - switchedAt) / 1000)} s after the switch`);
  await bough.untilServes('late', 'sound from release 1');
  const [first = '', ...evidence] = job.failedReason.split('\n');
  const unit = processOf(late, 2);
  // Whichever a sweep finds: units that gave up or restarted too often, or one between two restarts that it starts itself.
  const ends = [
    `${unit} has failed \\((?:exit-code|start-limit-hit)\\) SECONDS s after the switch; see journalctl --unit ${unit}`,
    `${unit} has restarted \\d+ times within SECONDS s of the switch; see journalctl --unit ${unit}`,
    'it was down SECONDS s after the switch and does not come up',
  ].map((end) => end.replace('SECONDS', '(\\d+)'));
  const [, sentence = '', ...ages] =
    new RegExp(`^APP_CRASHED: (release 2 of demo late is rolled back to release 1: (?:${ends.join('|')}))$`).exec(
      first,
    ) ?? [];
  const age = Number(ages.find((each) => each !== undefined));
  assert.ok(age >= 120, first);
  assert.ok(evidence.includes('out of luck'), job.failedReason);
  const jobLog = (await bough.reconciles.getJobLogs(job.id ?? '')).logs.join('\n');
  assert.ok(jobLog.includes(`APP_CRASHED: ${sentence}`), jobLog);
  assert.ok(jobLog.includes('switch to release 1 (release 2 failed; release 1 was the last verified)'), jobLog);
  const { verdict } = await releaseOf(late, 2);
  assert.deepEqual(verdict, {
    state: 'failed',
    code: 'APP_CRASHED',
    message: sentence,
    at: 'at' in verdict ? verdict.at : '',
  });
  assert.deepEqual((await releaseOf(late, 1)).verdict, sound.verdict);
  const status = await stdoutOf('status', 'demo', 'late');
  assert.match(status, /^demo +late +live +1 /m);
  assert.match(status, /^demo late: release 2 failed: APP_CRASHED$/m);
  assert.match(
    await stdoutOf('releases', 'demo', 'late'),
    /^2 .* failed: APP_CRASHED +desired\n1 .* verified +serves$/m,
  );
});

test('with nobody doing anything more it stays with the release it went back to', async () => {
  await bough.sweep();

  assert.match((await get('/late/')).body, /sound from release 1/);
  assert.equal((await releaseOf(late, 2)).verdict.state, 'failed');
});

test('nor does it get another chance because somebody cancels what is built after it', async () => {
  await bough.push('late', appFiles({ text: 'cancelled', buildSec: 60 }));
  await until('it is built', async () => (await buildRuns()).some(({ text }) => text === 'cancelled'));

  const { code } = await run(['cancel', 'demo', 'late']);
  await bough.untilIdle();

  assert.equal(code, 0);
  assert.match((await get('/late/')).body, /sound from release 1/);
  assert.equal((await releaseOf(late, 2)).verdict.state, 'failed');
});
