import type { TestContext } from 'node:test';
import { Config } from '@bough/core/config/config.ts';
import { type DeploymentId, deploymentKey } from '@bough/core/deployment-id.ts';
import type { Ask } from '@bough/core/queue/ask.ts';
import type { BuildJob, BuildOutcome } from '@bough/core/queue/jobs.ts';
import type { Progress } from '@bough/core/nix/progress.ts';
import { nixSystem } from '@bough/host/nix/nix-system.ts';
import { readManifest } from '@bough/host/nix/read-manifest.ts';
import { rememberEvaluation } from '@bough/host/nix/remember-evaluation.ts';
import { createClaimSeq } from '@bough/host/release/claim-seq.ts';
import { createWithPorts } from '@bough/host/release/ports-for.ts';
import { slugOf } from '@bough/host/slug.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { createUnitFiles } from '@bough/host/systemd/unit-files.ts';
import { createBuildBranch } from '../../apps/worker/src/build/build-branch.ts';
import type { BuildHost } from '../../apps/worker/src/build/build-host.ts';
import { createPruneStrays } from '../../apps/worker/src/build/prune-strays.ts';
import { nixHost } from './nix-host.ts';

/** How one build is asked for. */
export interface BuildAsk {
  readonly branch?: string;
  readonly project?: string;
  readonly retry?: boolean;
  readonly last?: boolean;
  readonly job?: Partial<BuildJob>;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
  readonly onCommit?: (commit: string) => void;
}

/** A host that builds branches of its repository `remote`, as the worker would, without queues and systemd. */
export function buildHost(t: TestContext, settings: Record<string, unknown> = {}) {
  const nix = nixHost(t);
  const { layout, remote } = nix;
  const config = Config.parse({
    stateDir: layout.stateDir,
    runtimeDir: layout.runtimeDir,
    unitDir: layout.unitDir,
    board: { passwordFile: '/x' },
    projects: {
      app: {
        remote,
        webhookSecretFiles: ['/x'],
        url: 'http://localhost:8080',
        ...settings,
      },
    },
  });
  const store = createDeploymentStore(layout);
  const reconciles: string[] = [];
  const sweeps: string[] = [];
  const asks: Ask[] = [];
  const lines: string[] = [];
  const states: (Progress | object)[] = [];
  const running: { now: (DeploymentId & { commit: string | null }) | null } = { now: null };
  const unitFiles = createUnitFiles(layout);
  const host: BuildHost = {
    config,
    layout,
    store,
    slugOf,
    readManifest,
    mirror: nix.mirror,
    evaluate: rememberEvaluation(nix.host, nix.evaluate),
    realise: nix.realise,
    unitFiles,
    claimSeq: createClaimSeq({ store, layout, unitFiles }),
    withPorts: createWithPorts({ config, store }),
    system: nixSystem(),
    hasRoom: () => Promise.resolve(true),
    now: () => new Date(),
    rememberAsk: () => Promise.resolve(),
    readAsks: () => Promise.resolve([...asks]),
    forgetAsks: (_, settled) => {
      const rest = asks.filter((ask) => ask.skip !== undefined || !settled.some(({ commit }) => commit === ask.commit));
      return Promise.resolve(asks.splice(0, asks.length, ...rest));
    },
    enqueueReconcile: (id) => Promise.resolve(reconciles.push(deploymentKey(id))),
    enqueueSweep: (project) => Promise.resolve(sweeps.push(project)),
  };

  async function build(ask: BuildAsk = {}, over: Partial<BuildHost> = {}): Promise<BuildOutcome> {
    const job: BuildJob = {
      project: ask.project ?? 'app',
      branch: ask.branch ?? 'main',
      asked: { by: 'sweep' },
      ...ask.job,
    };
    running.now = { project: job.project, slug: slugOf(job.branch), commit: null };
    try {
      return await createBuildBranch({ ...host, ...over })(job, {
        signal: ask.signal ?? new AbortController().signal,
        progress: (state) => states.push(state),
        attemptIsRetry: ask.retry ?? false,
        isLastAttempt: ask.last ?? false,
        log(line) {
          lines.push(line);
          ask.onLine?.(line);
        },
        onCommit(commit) {
          running.now = { project: job.project, slug: slugOf(job.branch), commit };
          ask.onCommit?.(commit);
        },
      });
    } finally {
      running.now = null;
    }
  }

  const pruneStrays = createPruneStrays({ layout, store, mirror: nix.mirror, running: () => running.now });
  return { ...nix, config, store, host, reconciles, sweeps, asks, lines, states, build, pruneStrays };
}
