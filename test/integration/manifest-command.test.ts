// One Debian is enough: manifests are read by Bough alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { bough } from '../support/command-line.ts';
import { appFlake, commitFiles, type Files, flakeOf, derivation, makeRepository } from '../support/flake.ts';
import { manifestFlake } from '../support/manifest-app.ts';
import { fresh } from '../support/nix-host.ts';

const program = () =>
  `"\${derivation { name = "shop"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" "mkdir -p $out/bin; echo '#!/bin/sh' > $out/bin/app; chmod 755 $out/bin/app # ${fresh()}" ]; }}/bin/app"`;

/** A repository of a developer, with these files committed. */
async function checkout(t: TestContext, files: Files): Promise<string> {
  const folder = await mkdtemp('/tmp/bough-checkout-');
  t.after(() => rm(folder, { recursive: true }));
  makeRepository(folder);
  commitFiles(folder, files);
  return folder;
}

const traces = async () => (await readdir('/tmp')).filter((name) => name.startsWith('bough-manifest-'));

test('a checkout is shown as what a push of it would run, in words and as JSON, without any configuration', async (t) => {
  const folder = await checkout(
    t,
    manifestFlake(
      `services.web = { exec = [ ${program()} "--port" ]; preStart = [ ${program()} ]; sleepAfter = "30min"; };
       services.jobs = { exec = [ ${program()} ]; listen = "none"; serviceConfig.MemoryMax = "200M"; };`,
    ),
  );
  assert.ok(!existsSync('/etc/bough/bough.json'), 'this machine has a configuration: the test would show nothing');

  const { code, stdout, stderr } = await bough(['manifest', '.'], { cwd: folder });
  const json = await bough(['manifest', `git+file://${folder}#packages.x86_64-linux.default`, '--json']);

  assert.equal(code, 0, stderr);
  assert.match(stdout, /^web: takes requests on \$PORT\n {2}command +\/nix\/store\/\S+-shop\/bin\/app --port$/m);
  assert.match(stdout, /^jobs: works in the background$/m);
  assert.match(stdout, /^ {2}limits +MemoryMax=200M$/m);
  assert.equal(stderr, '');
  const { services } = JSON.parse(json.stdout);
  assert.deepEqual([services.web.sleepAfter, services.jobs.listen], [1800, 'none']);
  assert.deepEqual(await traces(), []);
});

test('a package without a manifest is shown with the defaults of a project', async (t) => {
  const folder = await checkout(t, appFlake('server', `exec sleep ${fresh()}`));

  const { code, stdout, stderr } = await bough(['manifest', folder]);

  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}command +\/nix\/store\/\S+\/bin\/server$/m);
  assert.match(stdout, /^ {2}health +GET \/ answers 200 to 399 within 1 min/m);
});

test('a manifest that breaks rules is refused with all it breaks', async (t) => {
  const json = JSON.stringify({ schema: 1, services: { web: { exec: ['/usr/bin/node'], lisen: 'port' }, jobs: {} } });
  const folder = await checkout(
    t,
    flakeOf(
      derivation(
        'app',
        `mkdir -p $out/share/bough; printf %s "$json" > $out/share/bough/deployment.json`,
        `json = ''${json}'';`,
      ),
    ),
  );

  const { code, stdout, stderr } = await bough(['manifest', '.'], { cwd: folder });

  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^bough: APP_MANIFEST: /);
  for (const problem of [/services\.web\.exec\.0/, /lisen/, /services\.jobs\.exec/]) assert.match(stderr, problem);
  assert.deepEqual(await traces(), []);
});

test('what the worker would refuse is refused here too, and changes nothing', async (t) => {
  const unlocked = await checkout(t, {
    ...flakeOf(derivation('app', 'mkdir $out'), 'inputs.other.url = "path:/srv/other";'),
    'flake.lock': '',
  });
  const pure = await checkout(t, flakeOf(`builtins.readFile /etc/hostname`));
  const broken = await checkout(t, flakeOf(derivation('app', `echo it does not compile ${fresh()}; exit 3`)));

  const results = await Promise.all([unlocked, pure, broken].map((folder) => bough(['manifest', folder])));

  assert.deepEqual(
    results.map(({ code, stderr }) => [code, /^bough: (\w+):/.exec(stderr)?.[1]]),
    [
      [1, 'EVAL_LOCK'],
      [1, 'EVAL_PURITY'],
      [1, 'BUILD_FAILED'],
    ],
    results.map(({ stderr }) => stderr).join('\n'),
  );
  assert.match(results[2]?.stderr ?? '', /it does not compile/);
});

test('a flake does not get its own settings accepted, not even from root', async (t) => {
  const hooked = `/tmp/hooked-${fresh()}`;
  await writeFile(`${hooked}.sh`, `#!/bin/sh\ntouch ${hooked}\n`, { mode: 0o755 });
  t.after(() => rm(`${hooked}.sh`));
  const files = appFlake('server', `exec sleep ${fresh()}`);
  const nixConfig = `{\n  nixConfig.post-build-hook = "${hooked}.sh";\n`;
  const folder = await checkout(t, { ...files, 'flake.nix': files['flake.nix']?.replace('{\n', nixConfig) ?? '' });

  const { code, stderr } = await bough(['manifest', folder]);

  assert.equal(code, 0, stderr);
  assert.ok(!existsSync(hooked), 'the hook of the flake was run');
});

test('a user who is nobody in particular needs neither root nor a worker', async (t) => {
  const folder = await checkout(t, appFlake('server', `exec sleep ${fresh()}`));
  execFileSync('chown', ['-R', 'dev:', folder]);

  const { code, stdout, stderr } = await bough(['manifest', '.'], { user: 'dev', cwd: folder });

  assert.equal(code, 0, stderr);
  assert.match(stdout, /bin\/server$/m);
});

test('a bare name is a project that lacks its branch', async () => {
  const { code, stderr } = await bough(['manifest', 'demo']);

  assert.equal(code, 64);
  assert.match(stderr, /demo is no flake, such as \. or \.\/app#web; of a project a BRANCH is needed too/);
  assert.equal((await bough(['manifest', '--', '--impure'])).code, 64);
});
