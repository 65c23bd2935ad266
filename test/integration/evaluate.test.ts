import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { ErrorCode } from '@bough/core/error-table.ts';
import { fails } from '../support/app-error.ts';
import { appFlake, commitFiles, derivation, type Files, flakeOf, makeRepository } from '../support/flake.ts';
import { fresh, nixHost, watchNix } from '../support/nix-host.ts';
import { processesWith } from '../support/processes.ts';

const id = { project: 'app', slug: 'main' };
const attribute = 'packages.x86_64-linux.default';

async function evaluating(
  t: TestContext,
  files: Files,
  options: { limits?: object; signal?: AbortSignal; onLine?: (line: string) => void } = {},
) {
  const host = nixHost(t, options.limits);
  const commit = await host.commit(files);
  const watch = watchNix(options.signal, options.onLine);
  return {
    host,
    watch,
    commit,
    evaluate: () => host.evaluate({ id, project: 'app', commit, attribute, anew: false }, watch),
  };
}

test('a flake evaluates to its derivation and output path, and nothing is built', async (t) => {
  const { evaluate, watch, host, commit } = await evaluating(t, appFlake(`hello-${fresh()}`));

  const { drvPath, outPath, output } = await evaluate();

  assert.match(drvPath, /^\/nix\/store\/[0-9a-z]{32}-hello-.*\.drv$/);
  assert.match(outPath, /^\/nix\/store\/[0-9a-z]{32}-hello-/);
  assert.equal(output, 'out');
  assert.throws(() => readdirSync(outPath), /ENOENT/);
  assert.deepEqual(watch.states[0]?.phase, 'evaluate');
  assert.match(readFileSync(`${host.layout.buildLogs(id)}/${commit}.log`, 'utf8'), /this derivation will be built/);
});

test('a commit that was force-pushed away is still evaluated once it is pinned', async (t) => {
  const { evaluate, host } = await evaluating(t, appFlake(`gone-${fresh()}`));
  await host.commit({ 'flake.nix': 'broken' });

  assert.equal((await evaluate()).output, 'out');
});

const dependency = `/var/tmp/bough-test-dependency-${process.pid}`;
const needsDependency = `inputs.x.url = "git+file://${dependency}";`;
before(() => {
  makeRepository(dependency);
  commitFiles(dependency, flakeOf('1'));
});
after(() => rmSync(dependency, { recursive: true }));

const failures: Record<string, { files: Files; code: ErrorCode; message: RegExp }> = {
  'a throw': { files: flakeOf('throw "a deliberate error"'), code: 'EVAL_ERROR', message: /^a deliberate error/ },
  'an undefined name': {
    files: flakeOf('nothingOfThisName'),
    code: 'EVAL_ERROR',
    message: /undefined variable 'nothingOfThisName' \(flake\.nix:4:37\)$/,
  },
  'no attribute': {
    files: { ...flakeOf('1'), 'flake.nix': '{ outputs = { self }: { }; }' },
    code: 'EVAL_ATTRIBUTE',
    message: /does not provide attribute/,
  },
  'a set in its place': { files: flakeOf('{ a = 1; }'), code: 'EVAL_ERROR', message: /derivation/ },
  'no flake.nix': { files: { README: 'hello' }, code: 'EVAL_NO_FLAKE', message: /no flake\.nix/ },
  'no flake.lock': {
    files: { 'flake.nix': flakeOf('1', needsDependency)['flake.nix'] ?? '' },
    code: 'EVAL_LOCK',
    message: /flake\.lock/,
  },
  'a stale flake.lock': { files: flakeOf('1', needsDependency), code: 'EVAL_LOCK', message: /flake\.lock/ },
  'conflict marks in flake.lock': {
    files: { ...flakeOf('1'), 'flake.lock': '<<<<<<<' },
    code: 'EVAL_LOCK',
    message: /./,
  },
  'import from derivation': {
    files: flakeOf(`import (${derivation('ifd', `echo 1 > $out # ${fresh()}`)})`),
    code: 'EVAL_IFD',
    message: /'allow-import-from-derivation' is disabled/,
  },
  'a file of the host': {
    files: flakeOf('builtins.readFile "/etc/passwd"'),
    code: 'EVAL_PURITY',
    message: /absolute path/,
  },
  'an input that is not there': {
    files: flakeOf(
      `import (builtins.fetchurl { url = "http://127.0.0.1:1/${fresh()}"; sha256 = "${'0'.repeat(52)}"; })`,
    ),
    code: 'EVAL_FETCH',
    message: /unable to download/,
  },
};
for (const [what, { files, code, message }] of Object.entries(failures)) {
  test(`${what} is ${code}`, async (t) => {
    const { evaluate } = await evaluating(t, files);

    await assert.rejects(evaluate(), fails(code, message));
  });
}

test('import from derivation works where it is allowed', async (t) => {
  const file = derivation(`ifd-${fresh()}`, `echo '"a name that was built"' > $out`);
  const { evaluate } = await evaluating(t, flakeOf(`throw (import (${file}))`), {
    limits: { allowImportFromDerivation: true },
  });

  await assert.rejects(evaluate(), fails('EVAL_ERROR', /a name that was built/));
});

test('a flake cannot change the settings it is evaluated with', async (t) => {
  const marker = `/var/tmp/bough-hook-${fresh()}`;
  const hook = `nixConfig.post-build-hook = "/bin/sh -c 'touch ${marker}'"; nixConfig.allow-import-from-derivation = true;`;
  const { evaluate } = await evaluating(
    t,
    flakeOf(`import (${derivation('ifd', `echo 1 > $out # ${fresh()}`)})`, hook),
  );

  await assert.rejects(evaluate(), fails('EVAL_IFD'));
});

test('an evaluation past its limit is stopped', async (t) => {
  const endless =
    "builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: builtins.foldl' (a: b: a + b) 0 (builtins.genList (y: y) 1000000)) 1000000)";
  const { evaluate, host } = await evaluating(t, flakeOf(endless), { limits: { evalTimeoutSec: -9 } }); // with the head start: 1 s

  await assert.rejects(evaluate(), fails('EVAL_TIMEOUT', /took longer than/));

  assert.deepEqual(processesWith(host.layout.mirror('app')), []);
});

test('an evaluation that is aborted throws the reason, and nothing of it is left running', async (t) => {
  const stop = new AbortController();
  const reason = new Error('superseded');
  const { host, commit } = await evaluating(
    t,
    flakeOf("builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 100000000)"),
  );
  const watch = { ...watchNix(stop.signal), progress: () => setTimeout(() => stop.abort(reason), 300) };

  await assert.rejects(
    host.evaluate({ id, project: 'app', commit, attribute, anew: false }, watch),
    (error) => error === reason,
  );

  assert.deepEqual(processesWith(host.layout.mirror('app')), []);
});

test('a copy of the repository that a killed Nix left locked or broken is made anew', async (t) => {
  const { host, evaluate } = await evaluating(t, appFlake(`first-${fresh()}`));
  await evaluate();
  const cache = join(host.layout.nixCache, 'nix/gitv3');
  const [copy = ''] = readdirSync(cache).filter((name) => !name.endsWith('.lock'));
  const second = await host.commit(appFlake(`second-${fresh()}`));
  mkdirSync(join(cache, copy, 'refs/bough'), { recursive: true });
  writeFileSync(join(cache, copy, 'refs/bough', `${second}.lock`), '');
  writeFileSync(join(cache, copy, 'packed-refs.lock'), '');
  writeFileSync(join(cache, copy, 'config'), '[core');

  const again = await host.evaluate({ id, project: 'app', commit: second, attribute, anew: false }, watchNix());

  assert.match(again.outPath, /second-/);
});

test('a copy of the repository in which a power cut left the commit empty is made anew', async (t) => {
  const { host, evaluate } = await evaluating(t, appFlake(`first-${fresh()}`));
  await evaluate();
  const cache = join(host.layout.nixCache, 'nix/gitv3');
  const second = await host.commit(appFlake(`second-${fresh()}`));
  for (const copy of readdirSync(cache).filter((name) => !name.endsWith('.lock'))) {
    mkdirSync(join(cache, copy, 'objects', second.slice(0, 2)), { recursive: true });
    writeFileSync(join(cache, copy, 'objects', second.slice(0, 2), second.slice(2)), '');
  }

  const again = await host.evaluate({ id, project: 'app', commit: second, attribute, anew: false }, watchNix());

  assert.match(again.outPath, /second-/);
});

for (const [what, types] of [
  ['the tree', ['commit']],
  ['the files', ['commit', 'tree']],
] as const) {
  test(`a copy of the repository that a full disk left without ${what} of the commit is made anew`, async (t) => {
    const { host, evaluate } = await evaluating(t, appFlake(`first-${fresh()}`));
    await evaluate();
    const cache = join(host.layout.nixCache, 'nix/gitv3');
    const second = await host.commit(appFlake(`second-${fresh()}`));
    for (const copy of readdirSync(cache).filter((name) => !name.endsWith('.lock')))
      for (const type of types) copyObject(host.layout.mirror('app'), join(cache, copy), second, type);

    const again = await host.evaluate({ id, project: 'app', commit: second, attribute, anew: false }, watchNix());

    assert.match(again.outPath, /second-/);
  });
}

/** A commit, or its tree, alone. */
function copyObject(from: string, to: string, commit: string, type: 'commit' | 'tree'): void {
  const input = execFileSync('git', [`--git-dir=${from}`, 'cat-file', type, `${commit}^{${type}}`]);
  execFileSync('git', [`--git-dir=${to}`, 'hash-object', '-t', type, '-w', '--stdin'], { input });
}

for (const name of ['with a space-', 'per%20cent-', 'question?mark-', 'hash#mark-', 'ümlaut-', 'plus+&=;@:,-']) {
  test(`a state folder named ${name}… is no obstacle to git and Nix`, async (t) => {
    const host = nixHost(t, {}, name);
    const commit = await host.commit(appFlake(`odd-${fresh()}`));

    const evaluation = await host.evaluate({ id, project: 'app', commit, attribute, anew: false }, watchNix());
    await host.realise({ ...evaluation, id, commit, root: host.layout.releaseRoot(id, 1), anew: false }, watchNix());
  });
}
