import { existsSync } from 'node:fs';
import { AppError } from '@bough/core/app-error.ts';
import { branchAddress } from '@bough/core/branch-address.ts';
import { matchesPattern } from '@bough/core/branch-patterns.ts';
import type { Config } from '@bough/core/config/config.ts';
import { type DeploymentId, deploymentKey } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { UnitHost } from '@bough/core/systemd/unit-host.ts';
import { lastingProgram } from '../lasting-program.ts';
import { sha256 } from '../slug.ts';
import type { Systemd } from './systemd.ts';

// Where systemd keeps what is no command: most distributions, older Debian, NixOS.
const socketProxyds = ['/usr/lib/systemd', '/lib/systemd', '/run/current-system/systemd/lib/systemd'].map(
  (folder) => `${folder}/systemd-socket-proxyd`,
);

/** A project that is configured no more keeps its units; new ones are not rendered for it. */
const unknownProject = { url: 'http://localhost', routing: 'path', productionAtRoot: false } as const;

/**
 * What rendering the units of any deployment must know of this host, found out once.
 * @throws AppError SYSTEMD_FAILED
 */
export async function createUnitHost(
  config: Config,
  layout: Layout,
  systemd: Systemd,
): Promise<(id: DeploymentId, branch: string) => UnitHost> {
  const socketProxyd = socketProxyds.find(existsSync);
  if (socketProxyd === undefined) {
    throw new AppError(
      'SYSTEMD_FAILED',
      `systemd-socket-proxyd is in none of: ${socketProxyds.join(', ')}; install all of systemd`,
    );
  }
  const program = lastingProgram();
  const shared = {
    scope: config.scope,
    layout,
    systemdVersion: await systemd.version(),
    socketProxyd,
    waitForPort: [program.node, `${program.root}/packages/host/src/wait-for-port.mjs`],
    stopTimeoutSec: config.reconcile.stopTimeoutSec,
  };
  return (id, branch) => {
    const project = config.projects[id.project];
    const isProduction = branch === project?.production;
    const sleepAfter = isProduction ? 'never' : (project?.sleepAfter ?? 'never');
    return {
      ...shared,
      user: `bough-${sha256(deploymentKey(id)).slice(0, 8)}`,
      ...branchAddress(project ?? unknownProject, id.slug, isProduction),
      sleepAfterSec: sleepAfter === 'never' ? null : sleepAfter,
      isProduction,
      credentials: (project?.credentials ?? []).filter(({ branches }) =>
        branches.some((pattern) => matchesPattern(pattern, branch)),
      ),
    };
  };
}
