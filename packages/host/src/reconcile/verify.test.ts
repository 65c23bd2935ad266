import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { Manifest } from '@bough/core/state/manifest.ts';
import { aRelease } from '../../../../test/support/model.ts';
import { tempHost } from '../../../../test/support/temp-host.ts';
import { until } from '../../../../test/support/until.ts';
import { createActions } from '../progress/actions.ts';
import { createSystemd } from '../systemd/systemd.ts';
import { verify } from './verify.ts';

/** A systemd that says the same of each unit, but for those of a service that has ended once `hasEnded`. */
const systemdWhere = (service: string, hasEnded: () => boolean) =>
  createSystemd({
    scope: 'system',
    environment: {},
    async run(argv) {
      const states = argv.slice(argv.indexOf('--') + 1).map((unit) => {
        const isUp = !(unit.includes(`-${service}.`) && hasEnded());
        return [
          `Id=${unit}`,
          'LoadState=loaded',
          ...(isUp ? ['ActiveState=active', 'SubState=running'] : ['ActiveState=failed', 'ExecMainCode=1']),
        ].join('\n');
      });
      return { stdout: argv.includes('show') ? states.join('\n\n') : '', stderr: '', exitCode: 0 };
    },
  });

test('once one service of a release has failed, the others are not asked any more', async (t) => {
  const { layout } = tempHost(t);
  const exec = [`/nix/store/${'1'.repeat(32)}-app/bin/app`];
  const release = aRelease(1, 'pending', {
    manifest: Manifest.parse({
      schema: 1,
      services: { web: { exec }, jobs: { exec, health: { intervalSec: 0.05 } } },
    }),
  });
  const asked = Promise.withResolvers<void>();
  const silent = createServer(() => asked.resolve()); // and never answers
  const ill = createServer((_, response) => response.writeHead(503).end());
  await mkdir(dirname(layout.releaseSocket(release, 1, 'web')), { recursive: true });
  for (const [service, server] of [
    ['web', silent],
    ['jobs', ill],
  ] as const) {
    await once(server.listen(layout.releaseSocket(release, 1, service)), 'listening');
    t.after(() => server.closeAllConnections());
    t.after(() => server.close());
  }
  let isAsked = false;
  void asked.promise.then(() => (isAsked = true));
  const actions = createActions();
  const connections = () => new Promise<number>((resolve) => silent.getConnections((_, count) => resolve(count)));

  const verifying = verify(
    { layout, systemd: systemdWhere('jobs', () => isAsked), settleMs: 10_000, host: 'localhost', actions },
    release,
    new AbortController().signal,
  );
  const noted = actions.list();
  await assert.rejects(verifying, { code: 'APP_EXITED' });

  assert.equal(isAsked, true);
  assert.deepEqual(
    noted.map(({ what }) => what),
    ['web', 'jobs'].map((service) => `waiting for GET / of bough-demo--main--r1-${service}.service`),
  );
  for (const { deadlineSec } of noted) assert.ok(deadlineSec > 60 + 90, 'its health time, and a last look at systemd');
  assert.deepEqual(actions.list(), []);
  await until('the question to the other is taken back', async () => (await connections()) === 0, 2_000);
});

test('while a release settles that is what is waited for, for longer than it takes', async (t) => {
  const { layout } = tempHost(t);
  const exec = [`/nix/store/${'1'.repeat(32)}-app/bin/app`];
  const manifest = Manifest.parse({ schema: 1, services: { web: { exec }, jobs: { exec, listen: 'none' } } });
  const { jobs = assert.fail() } = manifest.services;
  const actions = createActions();
  const stop = new AbortController();
  const systemd = systemdWhere('none', () => false);

  const verifying = verify(
    { layout, systemd, settleMs: 600_000, host: 'localhost', actions },
    aRelease(1, 'pending', { manifest: { ...manifest, services: { jobs } } }),
    stop.signal,
  );
  assert.equal(actions.list()[0]?.what, 'waiting for bough-demo--main--r1-jobs.service to be up');
  const settling = await until('it settles', () => actions.list().find(({ what }) => what.endsWith('to settle')));
  stop.abort();

  await assert.rejects(verifying, { name: 'AbortError' });
  assert.equal(settling.what, 'waiting for release 1 of demo--main to settle');
  assert.ok(settling.deadlineSec > 600);
  assert.deepEqual(actions.list(), []);
});
