// One Debian is enough: manifests are read by Bough alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaProblems } from '@bough/core/schema-problems.ts';
import { Manifest } from '@bough/core/state/manifest.ts';
import { beyondLimits } from '@bough/core/state/manifest-limits.ts';
import { allowedDirectives } from '@bough/core/state/service-config.ts';
import { fails } from '../support/app-error.ts';
import { buildFlake, nixEnv, root, writeFiles } from '../support/build-flake.ts';
import { buildHost } from '../support/build-host.ts';
import { commitFiles } from '../support/flake.ts';
import { manifestFlake } from '../support/manifest-app.ts';
import { fresh } from '../support/nix-host.ts';
import { tempHost } from '../support/temp-host.ts';

const program = (name: string) =>
  `(derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" "mkdir -p $out/bin; echo '#!/bin/sh' > $out/bin/app; chmod 755 $out/bin/app # ${fresh()}" ]; })`;
test('every program of a deployment made without nixpkgs comes along in its closure', async (t) => {
  const files = manifestFlake(
    `services.web = { exec = [ "\${${program('server')}}/bin/app" ${program('argument')} ./flake.lock ]; preStart = [ "\${${program('migration')}}/bin/app" ]; };`,
  );

  const { outPath, manifest } = await buildFlake(t, files);

  const { run } = tempHost(t);
  const closure = (await run(['nix-store', '--query', '--requisites', outPath], { env: nixEnv })).stdout.split('\n');
  const { exec, preStart } = manifest.services['web'] ?? {};
  const paths = [...(exec ?? []), ...(preStart ?? [])].map((word) => word.replace('/bin/app', ''));
  assert.equal(paths.length, 4);
  for (const path of paths) assert.ok(closure.includes(path), `${path} is not in ${closure.join(' ')}`);
});

test('a wrong manifest fails the evaluation of its branch, with every wrong field named', async (t) => {
  const { build, remote } = buildHost(t);
  commitFiles(
    remote,
    manifestFlake(
      `services.web = { exec = [ "/usr/bin/node" ]; lisen = "port"; serviceConfig.User = "root"; }; services.jobs = { };`,
    ),
  );

  const words = [
    'mkDeployment: services.jobs.exec is missing: a program in the store, and its arguments',
    'services.web.exec.0 must be a program in the store, such as "${app}/bin/server"',
    'services.web.lisen is no field (known are environment, exec, health, listen, preStart, preStartTimeout, schedule, serviceConfig, sleepAfter)',
    `services.web.serviceConfig.User is not allowed (allowed are ${allowedDirectives.join(', ')})`,
  ];
  await assert.rejects(build(), (error) => {
    assert.ok(error instanceof Error);
    assert.ok(error.message.startsWith(words.join('; ')), error.message);
    return fails('EVAL_ERROR')(error);
  });
});

test('a program that the build did not make fails the build, wherever it is named', async (t) => {
  const { build, remote } = buildHost(t);
  const none = `[ "\${${program('server')}}/bin/none" ]`;
  commitFiles(remote, manifestFlake(`services.web = { exec = ${none}; preStart = ${none}; };`));

  await assert.rejects(
    build(),
    fails('APP_MANIFEST', /services\.web\.exec\.0: \S+\/bin\/none is no program.*services\.web\.preStart\.0: /),
  );
});

test('a package set or a system must be given', async (t) => {
  const { build, remote } = buildHost(t);
  const { 'flake.nix': flake = '', ...files } = manifestFlake('services.web.exec = [ ./flake.lock ];');
  commitFiles(remote, { ...files, 'flake.nix': flake.replace('system = "x86_64-linux";', '') });

  await assert.rejects(build(), fails('EVAL_ERROR', /^mkDeployment: needs pkgs or system/));
});

const wrongValues: Record<string, unknown[]> = {
  exec: ['/nix/store/x', [], [1], ['sh']],
  preStart: [null, [], ['./migrate']],
  listen: ['prot', 3000, null],
  ...Object.fromEntries(
    ['STATE', 'CACHE', 'RUNTIME', 'CREDENTIALS'].map((folder) => [`environment.${folder}_DIRECTORY`, ['/srv']]),
  ),
  'environment.LISTEN_FDS': ['1'],
  'environment.LISTEN_PID': ['1'],
  'environment.LISTEN_FDNAMES': ['web'],
  'environment.MAINPID': ['1'],
  environment: [['A=b'], { 'A-B': '' }, { '1A': '' }, { A: 1 }, { A: 'a\nb' }, { A: 'a\rb' }],
  health: ['/', { path: 'health' }, { path: '/a b' }, { url: '/' }],
  'health.status': [[], 200, [99]],
  'health.timeoutSec': [0, '30s', 1_036_801],
  'health.intervalSec': [0, 1_036_801],
  preStartTimeout: ['5 min', 'never', 0, -1, '0s', '12345678s', 1e12],
  schedule: ['', '$(reboot)', 5],
  sleepAfter: ['1w', true, 0, 1e12],
  serviceConfig: [{ User: 'root' }, { MemoryMax: '1G\n' }, { MemoryMax: 'a;b' }, { Nice: [5] }, 'Nice=5'],
  'serviceConfig.Nice': [-1, '-5', '', true, 'high'],
  'serviceConfig.OOMScoreAdjust': [-1000, '-1000'],
  'serviceConfig.TimeoutStopSec': ['infinity', 0, '0', '', 601, '11min', '1h', '5 parsecs', true],
};

const nested = (path: string, value: unknown): unknown =>
  path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);

const manyServices = (count: number): Record<string, unknown> => ({
  web: {},
  ...Object.fromEntries(Array.from({ length: count - 1 }, (_, index) => [`s${index}`, { listen: 'none' }])),
});

/** Manifests, and the fields that are wrong in each; none when all is well. `exec` is filled in where it is missing. */
const manifests: { services: unknown; strategy?: unknown; wrong: string[] }[] = [
  { services: { web: {} }, wrong: [] },
  {
    services: {
      web: {
        listen: 'port',
        environment: { A_1: 'with $ and % and "', _b: '' },
        health: { path: '/a?b=~', status: [200, 599], timeoutSec: 0.5, intervalSec: 2 },
        preStartTimeout: 90,
        sleepAfter: '7d',
        serviceConfig: { MemoryMax: '1.5G', Nice: 5, CPUQuota: '150%', IPAddressDeny: 'any ::/0' },
      },
      'a-0': { listen: 'none', schedule: 'Mon..Fri *-*-* 00/2:00' },
      'in-new-york': { listen: 'none', schedule: '*-*-* 03:00 America/New_York' },
      west: { listen: 'none', schedule: 'daily Etc/GMT+5' },
      b: {
        listen: 'socket',
        sleepAfter: 'never',
        environment: { PORT: '1', HOST: 'h', BASE_PATH: '/', MY_LISTEN_FDS: '1' },
      },
      abcdefghijklmnop: { sleepAfter: 'never' },
    },
    strategy: 'replace',
    wrong: [],
  },
  { services: {}, wrong: ['services'] },
  { services: [], wrong: ['services'] },
  { services: { web: {} }, strategy: 'both', wrong: ['strategy'] },
  { services: { web: { listen: 'none' } }, wrong: ['services.web.listen'] },
  { services: { web: 'server' }, wrong: ['services.web'] },
  ...['Web', '-a', 'a-', 'a--b', 'a_b', 'abcdefghijklmnopq'].map((name) => ({
    services: { web: {}, [name]: {} },
    wrong: [`services.${name}`],
  })),
  ...Object.entries(wrongValues).flatMap(([field, values]) =>
    values.map((value) => ({ services: { web: nested(field, value) }, wrong: [`services.web.${field}`] })),
  ),
  { services: { web: { serviceConfig: { TimeoutStopSec: '10min', OOMScoreAdjust: '500' } } }, wrong: [] },
  { services: { web: { serviceConfig: { TimeoutStopSec: 0.5, Nice: 0 } } }, wrong: [] },
  { services: { web: { preStart: 'as exec', preStartTimeout: '59min' } }, wrong: [] },
  { services: { web: { preStart: 'as exec', preStartTimeout: '1h' } }, wrong: ['services'] },
  { services: { web: { health: { timeoutSec: 1_801 } }, b: { health: { timeoutSec: 1_800 } } }, wrong: ['services'] },
  { services: { web: {}, jobs: { listen: 'none', health: { timeoutSec: 9_999 } } }, wrong: [] },
  { services: manyServices(32), wrong: [] },
  { services: manyServices(33), wrong: ['services'] },
  { services: { web: { schedule: 'daily' } }, wrong: ['services.web.schedule'] },
  { services: { web: { listen: 'socket', sleepAfter: '30min' } }, wrong: ['services.web.sleepAfter'] },
  { services: { web: {}, jobs: { listen: 'none', sleepAfter: '30min' } }, wrong: ['services.jobs.sleepAfter'] },
];

test('Nix and the worker refuse the same manifests, for the same fields', async (t) => {
  const { folder, run } = tempHost(t);
  const cases = manifests.map(({ services, strategy = 'parallel' }) => ({ strategy, services }));
  writeFiles(folder, { 'cases.json': JSON.stringify(cases) });
  const expression = `let
    exec = [ (builtins.toFile "app" "") ];
    filled = services: if !builtins.isAttrs services then services else
      builtins.mapAttrs (_: service: if builtins.isAttrs service then { inherit exec; } // service // prepared service else service) services;
    prepared = service: if service.preStart or null == "as exec" then { preStart = exec; } else { };
  in map ({ strategy, services }: import ${root}nix/check-manifest.nix { inherit strategy; services = filled services; })
    (builtins.fromJSON (builtins.readFile ${folder}/cases.json))`;

  const result = await run(['nix-instantiate', '--eval', '--strict', '--json', '--expr', expression], { env: nixEnv });

  const found: string[][] = JSON.parse(result.stdout);
  for (const [index, { services, strategy = 'parallel', wrong }] of manifests.entries()) {
    const what = JSON.stringify({ strategy, services });
    const parsed = Manifest.safeParse({ schema: 1, strategy, services: withExec(services) });
    const byWorker = parsed.success ? beyondLimits(parsed.data) : schemaProblems(parsed.error);
    for (const [who, problems] of Object.entries({ Nix: found[index] ?? [], worker: byWorker })) {
      assert.equal(problems.length > 0, wrong.length > 0, `${who} says ${problems.join('; ')} of ${what}`);
      for (const field of wrong) {
        const isNamed = problems.some((problem) => problem.startsWith(field));
        assert.ok(isNamed, `${who} does not name ${field} but says ${problems.join('; ')} of ${what}`);
      }
    }
  }
});

const exec = [`/nix/store/${'0'.repeat(32)}-app`];
const prepared = (service: object) =>
  'preStart' in service && service.preStart === 'as exec' ? { preStart: exec } : {};

/** What the expression of the test fills in. */
function withExec(services: unknown): unknown {
  if (typeof services !== 'object' || services === null || Array.isArray(services)) return services;
  return Object.fromEntries(
    Object.entries(services).map(([name, service]: [string, unknown]) => [
      name,
      typeof service === 'object' && service !== null ? { exec, ...service, ...prepared(service) } : service,
    ]),
  );
}
