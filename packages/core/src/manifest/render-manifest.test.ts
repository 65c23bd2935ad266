import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Manifest } from '../state/manifest.ts';
import { renderManifest } from './render-manifest.ts';

const program = (name: string) => `/nix/store/00000000000000000000000000000000-app/bin/${name}`;

test('a manifest reads as what will run, web first', () => {
  const manifest = Manifest.parse({
    schema: 1,
    strategy: 'replace',
    services: {
      jobs: { exec: [program('jobs'), '--queue', "the client's"], listen: 'none', serviceConfig: { Nice: 5 } },
      nightly: { exec: [program('tidy')], listen: 'none', schedule: '*-*-* 03:00' },
      web: {
        exec: [program('server')],
        preStart: [program('migrate')],
        preStartTimeout: '10min',
        environment: { LOG_LEVEL: 'info', DEBUG: '' },
        health: { path: '/health', status: [200, 204], timeoutSec: 90, intervalSec: 0.5 },
        sleepAfter: '30min',
        serviceConfig: { MemoryMax: '512M', CPUQuota: '150%' },
      },
    },
  });

  assert.equal(
    renderManifest(manifest),
    `A new release starts when the old one has stopped (strategy replace).

web: takes requests on $PORT
  command       ${program('server')}
  before start  ${program('migrate')} (at most 10 min)
  health        GET /health answers 200 or 204 within 90 s, asked every 0.5 s
  environment   DEBUG, LOG_LEVEL
  sleep         after 30 min without a connection
  limits        CPUQuota=150%, MemoryMax=512M

jobs: works in the background
  command       ${program('jobs')} --queue 'the client'\\''s'
  limits        Nice=5

nightly: runs at times: *-*-* 03:00
  command       ${program('tidy')}
`,
  );
});

test('what is not said is shown as it will be', () => {
  const manifest = Manifest.parse({ schema: 1, services: { web: { exec: [program('server')], listen: 'socket' } } });

  assert.equal(
    renderManifest(manifest),
    `A new release starts beside the old one (strategy parallel).

web: takes requests on a passed socket (LISTEN_FDS)
  command       ${program('server')}
  health        GET / answers 200 to 399 within 1 min, asked every 0.1 s
`,
  );
});

test('values of the environment and control characters of arguments are not shown', () => {
  const manifest = Manifest.parse({
    schema: 1,
    services: { web: { exec: [program('server'), '\u001b[31mred\u0007'], environment: { TOKEN: 'hidden' } } },
  });

  const text = renderManifest(manifest);

  assert.match(text, /server 'red'\n/);
  assert.match(text, /environment {3}TOKEN\n/);
  assert.doesNotMatch(text, /hidden|\u001b|\u0007/);
});
