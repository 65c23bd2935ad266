import type { Config } from '@bough/core/config/config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { createMirror } from '@bough/host/git/mirror.ts';
import { createEvaluate } from '@bough/host/nix/evaluate.ts';
import { createHoldRoot } from '@bough/host/nix/hold-root.ts';
import { nixSystem } from '@bough/host/nix/nix-system.ts';
import { readManifest } from '@bough/host/nix/read-manifest.ts';
import { createRealise } from '@bough/host/nix/realise.ts';
import { makePrivateFolder } from '@bough/host/make-private-folder.ts';
import { createQueues } from '@bough/host/queue/create-queues.ts';
import { enqueueBuild, enqueueReconcile } from '@bough/host/queue/enqueue.ts';
import { connectWorker } from '@bough/host/redis/connect-worker.ts';
import { redisOptions } from '@bough/host/redis/redis-options.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { slugOf } from '@bough/host/slug.ts';
import { createDeploymentStore } from '@bough/host/state/deployment-store.ts';
import { createSystemd } from '@bough/host/systemd/systemd.ts';
import { createUnitFiles } from '@bough/host/systemd/unit-files.ts';
import { createUnitHost } from '@bough/host/systemd/unit-host.ts';
import type { Logger } from 'pino';
import { createBuildBranch } from './build/build-branch.ts';
import { createPruneStrays } from './build/prune-strays.ts';
import { createReconcileDeployment } from './reconcile/reconcile-deployment.ts';
import { createRunningBuild } from './running-build.ts';
import { type StartedWorker, startWorker } from './start-worker.ts';
import { createSweep } from './sweep/sweep.ts';

export interface WorkOptions {
  readonly config: Config;
  readonly redisPassword: string | undefined;
  /** The worker lock: every child inherits it. */
  readonly lockFd: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Logger;
}

/** Puts the worker together from its parts and starts it. Call it only while holding the worker lock. */
export async function work({ config, redisPassword, lockFd, environment, log }: WorkOptions): Promise<StartedWorker> {
  const layout = layoutOf(config);
  const run = createRunCommand({ lockFd, log, environment });
  const redis = connectWorker(
    { ...redisOptions(config.redis.url, redisPassword), connectionName: 'bough-worker' },
    log,
  );
  const queues = createQueues(redis);
  const running = createRunningBuild();

  // Sources and logs are nobody else's. The units stay readable, for `systemctl cat`.
  for (const folder of [layout.mirrors, layout.deployments, layout.nixCache]) await makePrivateFolder(folder);
  const store = createDeploymentStore(layout);
  const unitFiles = createUnitFiles(layout);
  const systemd = createSystemd({ scope: config.scope, run, environment: {} });
  const mirror = createMirror({ layout, run, fetchTimeoutMs: config.build.fetchTimeoutSec * 1_000, log });
  const nix = { layout, run, limits: config.build };
  const unitHost = await createUnitHost(config, layout, systemd);
  const pruneStrays = createPruneStrays({ layout, store, mirror, running: running.untilItsEnd });
  const shared = { config, layout, store, unitFiles, systemd, unitHost, slugOf, now: () => new Date() };

  const build = createBuildBranch({
    ...shared,
    mirror,
    system: nixSystem(),
    readManifest,
    evaluate: createEvaluate(nix),
    realise: createRealise(nix),
    enqueueReconcile: (id) => enqueueReconcile(queues, { ...id, asked: { by: 'build' } }),
  });
  const reconcile = createReconcileDeployment({
    ...shared,
    settleMs: config.reconcile.settleSec * 1_000,
    drainMs: config.reconcile.drainSec * 1_000,
    stopTimeoutMs: config.reconcile.stopTimeoutSec * 1_000,
    holdRoot: createHoldRoot(nix),
    forgetBranch: async (id, branch) => {
      await mirror.forgetHead(id.project, branch);
      await pruneStrays(id.project);
    },
  });
  const sweep = createSweep({
    ...shared,
    pruneStrays,
    lsRemote: async (remote, signal) => await mirror.lsRemote(remote, signal),
    enqueueBuild: (project, branch, seen) =>
      enqueueBuild(
        queues,
        { project, branch, asked: { by: 'sweep' }, seen },
        { production: branch === config.projects[project]?.production },
      ),
    enqueueReconcile: (id) => enqueueReconcile(queues, { ...id, asked: { by: 'sweep' } }),
    cancelBuild: (id, why) => running.cancelOf(id, { kind: 'gone', why }),
  });

  return await startWorker({
    redis,
    queues,
    running,
    log,
    sweepIntervalSec: config.sweepIntervalSec,
    processors: {
      build,
      reconcile,
      sweep,
      async headOf(project, branch) {
        const remote = config.projects[project]?.remote;
        return remote === undefined ? null : ((await mirror.lsRemote(remote)).get(branch) ?? null);
      },
    },
  });
}
