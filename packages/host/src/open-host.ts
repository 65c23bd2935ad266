import type { Config } from '@bough/core/config/config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import type { Logger } from 'pino';
import { createMirror } from './git/mirror.ts';
import { createHoldRoot } from './nix/hold-root.ts';
import { createClaimSeq } from './release/claim-seq.ts';
import type { RunCommand } from './run-command.ts';
import { slugOf } from './slug.ts';
import { createDeploymentStore } from './state/deployment-store.ts';
import { createSystemd } from './systemd/systemd.ts';
import { createUnitFiles } from './systemd/unit-files.ts';
import { createUnitHost } from './systemd/unit-host.ts';

/**
 * Puts the adapters of this host together, for whoever plans, reconciles or sweeps on it. Nothing is changed and nothing but systemd is asked.
 * @throws AppError SYSTEMD_FAILED
 */
export async function openHost({ config, run, log }: { config: Config; run: RunCommand; log: Logger }) {
  const layout = layoutOf(config);
  const systemd = createSystemd({ scope: config.scope, run, environment: {} });
  const store = createDeploymentStore(layout);
  const unitFiles = createUnitFiles(layout);
  return {
    config,
    layout,
    systemd,
    store,
    unitFiles,
    claimSeq: createClaimSeq({ store, layout, unitFiles }),
    unitHost: await createUnitHost(config, layout, systemd),
    mirror: createMirror({ layout, run, fetchTimeoutMs: config.build.fetchTimeoutSec * 1_000, log }),
    holdRoot: createHoldRoot({ layout, run }),
    settleMs: config.reconcile.settleSec * 1_000,
    drainMs: config.reconcile.drainSec * 1_000,
    stopTimeoutMs: config.reconcile.stopTimeoutSec * 1_000,
    slugOf,
    now: () => new Date(),
  };
}
