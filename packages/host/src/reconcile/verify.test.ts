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
  const path = layout.releaseSocket(release, 1, 'web');
  await mkdir(dirname(path), { recursive: true });
  await once(silent.listen(path), 'listening');
  t.after(() => silent.closeAllConnections());
  t.after(() => silent.close());
  let isAsked = false;
  void asked.promise.then(() => (isAsked = true));
  const connections = () => new Promise<number>((resolve) => silent.getConnections((_, count) => resolve(count)));

  await assert.rejects(
    verify(
      { layout, systemd: systemdWhere('jobs', () => isAsked), settleMs: 10_000, host: 'localhost' },
      release,
      new AbortController().signal,
    ),
    { code: 'APP_EXITED' },
  );

  assert.equal(isAsked, true);
  await until('the question to the other is taken back', async () => (await connections()) === 0, 2_000);
});
