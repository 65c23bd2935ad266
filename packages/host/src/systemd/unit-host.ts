import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { type DeploymentId, deploymentKey } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { UnitHost } from '@bough/core/systemd/unit-host.ts';
import { sha256 } from '../slug.ts';
import type { Systemd } from './systemd.ts';

// Where systemd keeps what is no command: most distributions, older Debian, NixOS.
const socketProxyds = ['/usr/lib/systemd', '/lib/systemd', '/run/current-system/systemd/lib/systemd'].map(
  (folder) => `${folder}/systemd-socket-proxyd`,
);

/**
 * What rendering the units of any deployment must know of this host, found out once.
 * @throws AppError SYSTEMD_FAILED
 */
export async function createUnitHost(
  config: Config,
  layout: Layout,
  systemd: Systemd,
): Promise<(id: DeploymentId) => UnitHost> {
  const socketProxyd = socketProxyds.find(existsSync);
  if (socketProxyd === undefined) {
    throw new AppError(
      'SYSTEMD_FAILED',
      `systemd-socket-proxyd is in none of: ${socketProxyds.join(', ')}; install all of systemd`,
    );
  }
  const shared = {
    scope: config.scope,
    layout,
    systemdVersion: await systemd.version(),
    socketProxyd,
    waitForPort: [process.execPath, fileURLToPath(import.meta.resolve('@bough/host/wait-for-port.ts'))],
    stopTimeoutSec: config.reconcile.stopTimeoutSec,
  };
  return (id) => ({
    ...shared,
    user: `bough-${sha256(deploymentKey(id)).slice(0, 8)}`,
    url: `${(config.projects[id.project]?.url ?? 'http://localhost').replace(/\/+$/, '')}/${id.slug}`,
  });
}
