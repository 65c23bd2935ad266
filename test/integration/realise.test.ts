import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import type { ErrorCode } from '@bough/core/error-table.ts';
import { fails } from '../support/app-error.ts';
import { appFlake, derivation, type Files, flakeOf } from '../support/flake.ts';
import { fresh, nixHost, watchNix } from '../support/nix-host.ts';
import { processesWith } from '../support/processes.ts';
import { until } from '../support/until.ts';

const id = { project: 'app', slug: 'main' };
const attribute = 'packages.x86_64-linux.default';

async function evaluated(t: TestContext, files: Files, limits: object = {}) {
  const host = nixHost(t, limits);
  const commit = await host.commit(files);
  const evaluation = await host.evaluate({ id, project: 'app', commit, attribute, anew: false }, watchNix());
  const root = host.layout.releaseRoot(id, 1);
  return { host, root, commit, evaluation, request: { ...evaluation, id, commit, root, anew: false } };
}

async function collectGarbage(run: Awaited<ReturnType<typeof evaluated>>['host']['run']): Promise<void> {
  await run(['nix-store', '--gc'], { env: { NIX_REMOTE: 'daemon' } });
}

test('a build is rooted, streamed and logged whole', async (t) => {
  const { host, request, root, commit, evaluation } = await evaluated(
    t,
    appFlake('hello', 'exec true', `echo one; echo "two ${fresh()}"`),
  );
  const watch = watchNix();

  await host.realise(request, watch);
  await collectGarbage(host.run);

  assert.equal(realpathSync(root), evaluation.outPath);
  assert.ok(existsSync(`${evaluation.outPath}/bin/hello`));
  assert.ok(watch.lines.includes('hello> one'), watch.lines.join('\n'));
  assert.equal(watch.states.at(-1)?.built, 1);
  assert.ok(watch.states.some(({ current }) => current === 'hello'));
  assert.match(readFileSync(`${host.layout.buildLogs(id)}/${commit}.log`, 'utf8'), /hello> one\nhello> two /);
  rmSync(root);
  await collectGarbage(host.run);
  assert.equal(existsSync(evaluation.outPath), false);
});

test('a root that a crash left behind is replaced', async (t) => {
  const { host, request, root, evaluation } = await evaluated(t, appFlake('again', 'exec true', `: ${fresh()}`));
  await host.realise(request, watchNix());
  await host.realise(request, watchNix());

  assert.equal(realpathSync(root), evaluation.outPath);
});

test('the output that holds programs is built and rooted, and no other root is left', async (t) => {
  const script = `mkdir -p $out $bin/bin; echo "#!/bin/sh" > $bin/bin/tool; chmod 755 $bin/bin/tool # ${fresh()}`;
  const { host, request, root, evaluation } = await evaluated(
    t,
    flakeOf(`(${derivation('tool', script, 'outputs = [ "bin" "out" ];')}) // { meta.outputsToInstall = [ "bin" ]; }`),
  );

  await host.realise(request, watchNix());
  await collectGarbage(host.run);

  assert.equal(evaluation.output, 'bin');
  assert.equal(realpathSync(root), evaluation.outPath);
  assert.ok(existsSync(`${evaluation.outPath}/bin/tool`));
  assert.throws(() => lstatSync(`${root}-bin`), /ENOENT/);
});

const broken = () => derivation('broken', `echo compiling ${fresh()}; echo "error: expected ';'" >&2; exit 2`);
const fixed = (script: string) =>
  derivation(
    'fetched',
    `${script} # ${fresh()}`,
    `outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "${'0'.repeat(52)}";`,
  );
const failures: Record<string, { files: Files; code: ErrorCode; message: RegExp; log?: RegExp; limits?: object }> = {
  'a builder that fails': {
    files: flakeOf(broken()),
    code: 'BUILD_FAILED',
    message: /'broken' failed with exit code 2/,
    log: /compiling .*\nerror: expected ';'$/,
  },
  'a dependency that fails': {
    files: flakeOf(derivation('app', ': $dep', `dep = ${broken()};`)),
    code: 'BUILD_FAILED',
    message: /'broken' failed with exit code 2/,
    log: /expected ';'/,
  },
  'a builder killed by SIGKILL': {
    files: flakeOf(derivation('killed', `: ${fresh()}; kill -9 $$`)),
    code: 'BUILD_SIGNAL',
    message: /signal 9/,
  },
  'a builder part of which is killed': {
    files: flakeOf(derivation('part', `: ${fresh()}; /bin/sh -c 'kill -9 $$'; exit $?`)),
    code: 'BUILD_SIGNAL',
    message: /'part' failed with exit code 137/,
  },
  'a wrong hash': {
    files: flakeOf(fixed('echo x > $out')),
    code: 'BUILD_HASH',
    message: /specified: sha256-AAA.* got: sha256-/,
  },
  'a fetch that fails': { files: flakeOf(fixed('exit 1')), code: 'BUILD_FETCH', message: /'fetched' failed/ },
  'no output': {
    files: flakeOf(derivation('nothing', `: ${fresh()}`)),
    code: 'BUILD_NO_OUTPUT',
    message: /failed to produce output path/,
  },
  'another platform': {
    files: flakeOf(derivation('foreign', `: ${fresh()}`).replace('x86_64-linux', 'riscv64-linux')),
    code: 'BUILD_PLATFORM',
    message: /riscv64-linux/,
  },
  'a slow build': {
    files: flakeOf(derivation('slow', `: ${fresh()}; for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 1; done`)),
    code: 'BUILD_TIMEOUT',
    message: /timed out after 2 seconds/,
    limits: { timeoutSec: 2 },
  },
  'a silent build': {
    files: flakeOf(derivation('quiet', `: ${fresh()}; sleep 20`)),
    code: 'BUILD_TIMEOUT',
    message: /timed out after 2 seconds/,
    limits: { silenceTimeoutSec: 2 },
  },
  'a flood of log': {
    files: flakeOf(
      derivation(
        'chatty',
        `: ${fresh()}; exec yes "a line of log that says nothing at all but is rather long to get there sooner"`,
      ),
    ),
    code: 'BUILD_LOG_LIMIT',
    message: /printed more than/,
  },
};
for (const [what, { files, code, message, log = /^/, limits = {} }] of Object.entries(failures)) {
  test(`${what} is ${code} and leaves no root`, async (t) => {
    const { host, request, root } = await evaluated(t, files, limits);

    await assert.rejects(host.realise(request, watchNix()), (error: Error & { log: string[] }) => {
      assert.match(error.log.join('\n'), log);
      return fails(code, message)(error);
    });

    assert.throws(() => lstatSync(root), /ENOENT/);
  });
}

test('a derivation collected between evaluation and build is a lost race, and evaluating again heals it', async (t) => {
  const { host, request, commit } = await evaluated(t, appFlake('raced', 'exec true', `: ${fresh()}`));
  await collectGarbage(host.run);

  await assert.rejects(host.realise(request, watchNix()), fails('GC_RACE'));

  await host.evaluate({ id, project: 'app', commit, attribute, anew: false }, watchNix());
  await host.realise(request, watchNix());
});

test('a build that is aborted throws the reason, its builder is gone, and nothing is remembered of it', async (t) => {
  const stop = new AbortController();
  const reason = new Error('superseded');
  const marker = `sleep-${fresh()}`;
  const { host, request, root } = await evaluated(
    t,
    flakeOf(derivation('long', `echo started; exec -a ${marker} sleep 60`).replace('/bin/sh', '/bin/bash')),
  );

  const began = performance.now();
  const building = host.realise(
    request,
    watchNix(stop.signal, (line) => {
      if (line === 'long> started') stop.abort(reason);
    }),
  );

  await assert.rejects(building, (error) => error === reason);
  await until('the builder is gone', () => processesWith(marker).length === 0, 2000);
  assert.ok(performance.now() - began < 10_000);
  assert.throws(() => lstatSync(root), /ENOENT/);
  assert.equal(existsSync(host.layout.failures), false);
});

test('a derivation that failed is not built again by whatever needs it, until a person asks anew', async (t) => {
  const flag = fresh();
  const lib = derivation('lib', `test -e /tmp/${flag} || { echo "no flag"; exit 1; }; mkdir $out`);
  const appOf = (name: string): Files => flakeOf(derivation(name, 'ln -s $lib $out', `lib = ${lib};`));
  const { host, request, root } = await evaluated(t, appOf('one'));
  const failsWith = async (what: typeof request, message: RegExp, lines: readonly boolean[]) => {
    const watch = watchNix();
    await assert.rejects(host.realise(what, watch), (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'BUILD_FAILED');
      assert.match(error.message, message);
      assert.deepEqual(error.log, ['no flag']);
      return true;
    });
    assert.deepEqual([watch.lines.includes('lib> no flag'), watch.lines.includes('no flag')], lines);
  };
  const built = [true, false];
  const told = [false, true];

  await failsWith(request, /^builder for 'lib' failed with exit code 1$/, built);
  const known = new RegExp(`; lib is not built again: it failed at 20.*, for commit ${request.commit.slice(0, 12)}\\.`);
  await failsWith(request, known, told);
  const commit = await host.commit(appOf('two'));
  const other = await host.evaluate({ id, project: 'app', commit, attribute, anew: false }, watchNix());
  await failsWith({ ...other, id, commit, root, anew: false }, known, told);
  await failsWith({ ...other, id, commit, root, anew: true }, /^builder for 'lib' failed with exit code 1$/, built);
  t.after(() => rmSync(`/tmp/${flag}`, { force: true }));
  writeFileSync(`/tmp/${flag}`, '');
  await host.realise({ ...other, id, commit, root, anew: true }, watchNix());
  await host.realise(request, watchNix());
});

test('a derivation part of whose builder was killed is built again by whoever needs it', async (t) => {
  const flag = fresh();
  const { host, request } = await evaluated(
    t,
    flakeOf(derivation('part', `test -e /tmp/${flag} || { /bin/sh -c 'kill -9 $$'; exit $?; }; mkdir $out`)),
  );
  await assert.rejects(host.realise(request, watchNix()), fails('BUILD_SIGNAL', /'part' failed with exit code 137/));
  t.after(() => rmSync(`/tmp/${flag}`, { force: true }));
  writeFileSync(`/tmp/${flag}`, '');

  await host.realise(request, watchNix());
});

test('a builder that speaks in the name of Nix of another derivation leaves no failure of that behind', async (t) => {
  const victim = `/nix/store/${'a'.repeat(32)}-victim.drv`;
  const message = `error: builder for \\047${victim}\\047 failed with exit code 1`;
  const forged = `printf '@nix {"action":"msg","level":0,"msg":"${message}"}\\n' >&2; echo ${fresh()}; exit 1`;
  const { host, request } = await evaluated(t, flakeOf(derivation('forger', forged)));

  await assert.rejects(host.realise(request, watchNix()), fails('BUILD_FAILED', /^builder for 'victim' failed/));

  assert.ok(!existsSync(`${host.layout.failures}/${basename(victim)}.json`));
});

test("what failed once and was built by other means since is in nobody's way", async (t) => {
  const flag = fresh();
  const lib = derivation('lib', `test -e /tmp/${flag} || exit 1; mkdir $out`);
  const files = flakeOf(derivation('app', 'ln -s $lib $out', `lib = ${lib};`));
  const { host, request } = await evaluated(t, files);
  await assert.rejects(host.realise(request, watchNix()), fails('BUILD_FAILED'));
  t.after(() => rmSync(`/tmp/${flag}`, { force: true }));
  writeFileSync(`/tmp/${flag}`, '');
  const [memo = ''] = readdirSync(host.layout.failures);

  await host.run(['nix-store', '--realise', `/nix/store/${memo.replace(/\.json$/, '')}`], {
    env: { NIX_REMOTE: 'daemon' },
  });

  await host.realise(request, watchNix());
});

test('what a failure leaves behind counts for a week, and only when it can be read', async (t) => {
  const { host, request } = await evaluated(t, flakeOf(derivation('never', `echo ${fresh()}; exit 1`)));
  const ran = async () => {
    const watch = watchNix();
    await assert.rejects(host.realise(request, watch), fails('BUILD_FAILED'));
    return watch.lines.some((line) => line.startsWith('never> '));
  };
  const file = `${host.layout.failures}/${request.drvPath.slice('/nix/store/'.length)}.json`;

  assert.deepEqual([await ran(), await ran()], [true, false]);
  const week = 7 * 86_400;
  utimesSync(file, Date.now() / 1000 - week - 60, Date.now() / 1000 - week - 60);
  assert.deepEqual([await ran(), await ran()], [true, false]);
  writeFileSync(file, '{');
  assert.deepEqual([await ran(), await ran()], [true, false]);
});
