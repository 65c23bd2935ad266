import type { Config } from '@bough/core/config/config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { longestStop } from '@bough/core/state/manifest-limits.ts';
import type { Logger } from 'pino';
import { createMirror } from './git/mirror.ts';
import { createHoldRoot } from './nix/hold-root.ts';
import type { Actions } from './progress/actions.ts';
import { createClaimSeq } from './release/claim-seq.ts';
import { createWithPorts } from './release/ports-for.ts';
import type { RunCommand } from './run-command.ts';
import { slugOf } from './slug.ts';
import { createDeploymentStore } from './state/deployment-store.ts';
import { createSystemd } from './systemd/systemd.ts';
import { createUnitFiles } from './systemd/unit-files.ts';
import { createUnitHost } from './systemd/unit-host.ts';

/** What the adapters are made of. */
export interface HostParts {
  readonly config: Config;
  readonly run: RunCommand;
  readonly log: Logger;
  /** Where what is waited for is noted. */
  readonly actions?: Pick<Actions, 'begin'>;
}

/**
 * Puts the adapters of this host together, for whoever plans, reconciles or sweeps on it. Nothing is changed and nothing but systemd is asked.
 * @throws AppError SYSTEMD_FAILED
 */
export async function openHost({ config, run, log, actions }: HostParts) {
  const layout = layoutOf(config);
  const systemd = createSystemd({ scope: config.scope, run, environment: {} });
  const store = createDeploymentStore(layout, actions);
  const unitFiles = createUnitFiles(layout);
  return {
    config,
    layout,
    systemd,
    store,
    unitFiles,
    claimSeq: createClaimSeq({ store, layout, unitFiles }),
    withPorts: createWithPorts({ config, store, actions }),
    unitHost: await createUnitHost(config, layout, systemd),
    mirror: createMirror({ layout, run, fetchTimeoutMs: config.build.fetchTimeoutSec * 1_000, log, actions }),
    holdRoot: createHoldRoot({ layout, run }),
    settleMs: config.reconcile.settleSec * 1_000,
    drainMs: config.reconcile.drainSec * 1_000,
    stopTimeoutMs: Math.max(config.reconcile.stopTimeoutSec, longestStop) * 1_000, // what a manifest may set of its own
    slugOf,
    now: () => new Date(),
    actions,
  };
}
