import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { hostileBranches } from '../../../test/support/hostile-branches.ts';
import { BranchName } from './branch-name.ts';
import { parseConfig } from './config/parse-config.ts';
import { Slug } from './deployment-id.ts';
import * as argv from './git/git-argv.ts';
import { layoutOf, longestSocketPath } from './layout.ts';
import { slugOf } from './slug.ts';
import { renderCaddyfile } from './stack/caddyfile.ts';
import type { Release } from './state/release.ts';
import { renderRelease } from './systemd/render-release.ts';
import type { UnitHost } from './systemd/unit-host.ts';
import { parseUnitName, unitName } from './unit-name.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const slug = (branch: string) => slugOf(branch, sha256);
const all = hostileBranches(slug);
const accepted = all.filter((branch) => BranchName.safeParse(branch).success);
const plainName = 'zz-plain-zz'; // what no other text holds
const layout = layoutOf({ stateDir: '/var/lib/bough', runtimeDir: '/run/bough', unitDir: '/run/systemd/system' });

test('there are enough of them: names of odd characters, names made to meet, and names that are refused', () => {
  const odd = accepted.filter((branch) => /[^a-z0-9-]/.test(branch));
  assert.ok(odd.length >= 500, `${odd.length} odd`);
  assert.ok(accepted.length - odd.length >= 150, `${accepted.length - odd.length} made to meet`);
  assert.ok(all.length - accepted.length >= 150, `${all.length - accepted.length} refused`);
});

test('none that is taken holds what ends a line, commands a terminal, turns the direction of text or is no character', () => {
  for (const branch of accepted)
    assert.doesNotMatch(branch, /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\p{Noncharacter_Code_Point}]/u);
});

test('no two deployments meet: in slug, folder, socket, unit, boot record or folder of the app', () => {
  const id = (branch: string) => ({ project: 'demo', slug: slug(branch) });
  for (const nameOf of [
    slug,
    (branch: string) => slug(branch).toLowerCase(),
    (branch: string) => layout.deployment(id(branch)),
    (branch: string) => layout.currentSocket(id(branch)),
    (branch: string) => layout.bootRecord(id(branch)),
    (branch: string) => layout.appDirectory(id(branch)),
    (branch: string) => unitName({ ...id(branch), seq: 1, service: 'web', role: 'process' }),
  ]) {
    assert.equal(new Set(accepted.map(nameOf)).size, accepted.length);
  }
});

test('each is one plain word in paths and units, and its units are its own again when they are read', () => {
  for (const branch of accepted) {
    const id = { project: 'demo', slug: slug(branch) };
    assert.ok(Slug.safeParse(id.slug).success, branch);
    assert.ok(layout.releaseSocket(id, 99_999, 'x'.repeat(16)).length <= longestSocketPath(layout, 'demo').length);
    const parts = { ...id, seq: 7, service: 'web', role: 'proxy' } as const;
    assert.deepEqual(parseUnitName(unitName(parts)), parts);
  }
});

test('the units of each differ from those of a plain branch in their names and in what names the branch, and in no line more', () => {
  const plain = linesOf(plainName);
  for (const branch of accepted) {
    const lines = linesOf(branch);
    assert.equal(lines.length, plain.length, branch);
    for (const [index, line] of lines.entries()) {
      const key = plain[index]?.split('=')[0] ?? '';
      if (key === 'Description' || line.startsWith('Environment="BOUGH_BRANCH='))
        assert.doesNotMatch(line.replaceAll('%%', ''), /%|\\$/, branch);
      else assert.equal(line, plain[index]?.replaceAll(plainName, slug(branch)), branch);
    }
  }
});

test('Caddy is told nothing of a branch but the slug of the production branch', () => {
  const caddyfile = (production: string) =>
    renderCaddyfile(configOf(production), layout, slug).replaceAll(slug(production), plainName);
  const plain = caddyfile(plainName);
  for (const branch of accepted) if (slug(branch).length > 6) assert.equal(caddyfile(branch), plain, branch);
});

test('git never meets one at the start of an argument', () => {
  for (const command of [argv.readHead, argv.forgetHead]) {
    for (const branch of accepted) {
      const words = command('/m', branch);
      assert.deepEqual(
        words,
        command('/m', plainName).map((word) => word.replace(plainName, () => branch)),
      );
      assert.ok(words.some((word) => word.startsWith(`refs/heads/${branch}`)));
    }
  }
});

function configOf(production: string) {
  const demo = { remote: '/r', url: 'http://localhost:8080', production, productionAtRoot: true };
  return parseConfig(JSON.stringify({ board: { passwordFile: '/p' }, projects: { demo } }), 'a test');
}

function linesOf(branch: string): string[] {
  const id = { project: 'demo', slug: slug(branch) };
  const health = { path: '/', timeoutSec: 60, intervalSec: 0.1 };
  const web = { environment: {}, health, preStartTimeout: 300, serviceConfig: {}, listen: 'port' } as const;
  const release: Release = {
    schema: 1,
    ...id,
    branch,
    seq: 3,
    commit: 'c'.repeat(40),
    drvPath: `/nix/store/${'d'.repeat(32)}-app.drv`,
    outPath: `/nix/store/${'a'.repeat(32)}-app`,
    manifest: {
      schema: 1,
      strategy: 'parallel',
      services: { web: { exec: [`/nix/store/${'a'.repeat(32)}-app/bin/app`], ...web } },
    },
    ports: { web: 20_003 },
    asked: { by: 'sweep' },
    builtAt: '2026-01-01T00:00:00.000Z',
    buildMs: 1,
    prepared: false,
    switchedAt: null,
    verdict: { state: 'pending' },
  };
  const host: UnitHost = {
    scope: 'system',
    layout,
    systemdVersion: 257,
    socketProxyd: '/lib/systemd/systemd-socket-proxyd',
    waitForPort: ['/opt/node/bin/node', '/opt/wait.mjs'],
    stopTimeoutSec: 20,
    user: 'bough-0123abcd',
    url: `http://localhost:8080/${id.slug}`,
    basePath: `/${id.slug}`,
    sleepAfterSec: null,
    isProduction: false,
    credentials: [],
  };
  return [...renderRelease(release, host).values()].flatMap((text) => text.split('\n'));
}
