import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
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
  return { host, root, commit, evaluation, request: { ...evaluation, id, commit, root } };
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

test('a build that is aborted throws the reason, and its builder is gone', async (t) => {
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
});
