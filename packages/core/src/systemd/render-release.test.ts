import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { snapshot, test } from 'node:test';
import { layoutOf } from '../layout.ts';
import type { Release } from '../state/release.ts';
import { hardening } from './hardening.ts';
import { quoteArgument, quoteDescription, quoteOptionalPath, quoteValue } from './quote.ts';
import { renderRelease } from './render-release.ts';
import type { UnitHost } from './unit-host.ts';

snapshot.setDefaultSnapshotSerializers([String]);

const host: UnitHost = {
  scope: 'system',
  layout: layoutOf({ stateDir: '/var/lib/bough', runtimeDir: '/run/bough', unitDir: '/run/systemd/system' }),
  systemdVersion: 257,
  socketProxyd: '/lib/systemd/systemd-socket-proxyd',
  waitForPort: ['/opt/node/bin/node', '/opt/bough/packages/host/src/wait-for-port.mjs'],
  stopTimeoutSec: 20,
  user: 'bough-0123abcd',
  url: 'http://localhost:8080/feature-x',
  basePath: '/feature-x',
  sleepAfterSec: null,
  isProduction: false,
  credentials: [],
};
const program = `/nix/store/${'a'.repeat(32)}-app/bin/app`;
const health = { path: '/', timeoutSec: 60, intervalSec: 0.1 };
const rest = { environment: {}, health, preStartTimeout: 300, serviceConfig: {} };
const release: Release = {
  schema: 1,
  project: 'demo',
  slug: 'feature-x',
  branch: 'feature-x',
  seq: 3,
  commit: 'c'.repeat(40),
  drvPath: `/nix/store/${'d'.repeat(32)}-app.drv`,
  outPath: `/nix/store/${'a'.repeat(32)}-app`,
  manifest: {
    schema: 1,
    strategy: 'parallel',
    services: {
      web: { exec: [program, '--verbose'], listen: 'port', ...rest, environment: { GREETING: 'say "100%"' } },
      api: { exec: [program], listen: 'socket', ...rest },
      jobs: { exec: [program], listen: 'none', ...rest },
    },
  },
  ports: { web: 20_003 },
  asked: { by: 'sweep' },
  builtAt: '2026-01-01T00:00:00.000Z',
  buildMs: 1,
  prepared: false,
  switchedAt: null,
  verdict: { state: 'pending' },
};

const text = (units: Map<string, string>) => [...units].map(([name, unit]) => `# ${name}\n${unit}`).join('\n');

for (const [title, changes] of Object.entries<Partial<UnitHost>>({
  'system-257': {},
  'system-252': { systemdVersion: 252 },
  'user-257': { scope: 'user' },
  'asleep-257': { sleepAfterSec: 1800, credentials: [{ name: 'token', file: '/etc/bough/token' }] },
})) {
  test(`the units of a release, ${title}`, (t) => {
    t.assert.fileSnapshot(
      text(renderRelease(release, { ...host, ...changes })),
      `${import.meta.dirname}/golden/${title}.units`,
    );
  });
}

test('a hostile branch name stays inside the values it belongs to', () => {
  const branch = 'x"\nExecStart=/bin/evil %n $HOME \\';
  const units = [...renderRelease({ ...release, branch }, host).values()];

  for (const unit of units) {
    const starts = unit.split('\n').filter((line) => line.startsWith('ExecStart='));
    assert.ok(
      starts.every((line) => line.includes(program) || line.includes(basename(host.socketProxyd))),
      unit,
    );
    assert.ok(!/(?<!%)(%%)*%(?!%)n/.test(unit.replaceAll('%%', '')), 'no specifier of systemd is left');
  }
});

test('what a manifest sets for the dynamic linker and for Node reaches the app, and not what waits for its port', () => {
  const linker = { LD_PRELOAD: '/nix/store/x/lib/libjemalloc.so 100%', GLIBC_TUNABLES: 'glibc.malloc.check=3' };
  const linesOf = (changes: Partial<Release['manifest']['services'][string]>) => {
    const { web } = release.manifest.services;
    assert.ok(web);
    const services = { web: { ...web, environment: { ...linker, NODE_OPTIONS: '--require x' }, ...changes } };
    const units = renderRelease({ ...release, manifest: { ...release.manifest, services } }, host);
    return (units.get('bough-demo--feature-x--r3-web.service') ?? '').split('\n');
  };

  const lines = linesOf({});

  assert.ok(
    lines.includes(
      `ExecStart="/usr/bin/env" "LD_PRELOAD=/nix/store/x/lib/libjemalloc.so 100%%" "GLIBC_TUNABLES=glibc.malloc.check=3" "${program}"`.concat(
        ' "--verbose"',
      ),
    ),
    lines.join('\n'),
  );
  assert.ok(lines.includes('Environment="NODE_OPTIONS=--require x"'));
  assert.ok(!lines.some((line) => /^Environment=.*(LD_|GLIBC_)/.test(line)));
  assert.ok(
    lines.some((line) => line.startsWith('ExecStartPost=/usr/bin/env -i MAINPID=${MAINPID} "/opt/node/bin/node"')),
  );
  const odd = program.replace('-app/', '-a=b/');
  assert.ok(linesOf({ exec: [odd] }).includes(`ExecStart="${odd}"`), 'which env would take for a variable');
});

test('values are quoted as systemd.syntax(7) reads them', () => {
  assert.equal(quoteValue('A=b "c" \\ %n\n'), '"A=b \\"c\\" \\\\ %%n\\x0a"');
  assert.equal(quoteArgument('$HOME'), '"$$HOME"');
  assert.equal(quoteDescription('a\nb \\ 100%'), 'a b   100%%');
  assert.equal(quoteDescription('a\u009b31mb\u2028c'), 'a 31mb c', 'what a terminal would take for more than text');
});

test('a folder is hidden whole, whatever stands in its name', () => {
  assert.equal(quoteOptionalPath('/var/lib/bough'), '-/var/lib/bough');
  assert.equal(quoteOptionalPath('/srv/our bough 100%'), '"-/srv/our bough 100%%"');
  assert.ok(
    hardening(['/srv/our bough', '/var/lib/bough']).includes('InaccessiblePaths="-/srv/our bough" -/var/lib/bough'),
  );
});
