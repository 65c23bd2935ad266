import type { Config } from '@bough/core/config/config.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { isLow } from '@bough/core/gc/bytes-to-free.ts';
import { stackUsers } from '@bough/core/stack/stack-host.ts';
import { serveControl } from '@bough/host/control/serve-control.ts';
import { createCollectGarbage } from '@bough/host/gc/collect-garbage.ts';
import { freeBytes } from '@bough/host/gc/free-bytes.ts';
import { findBuildUser, makeNixCache } from '@bough/host/nix/build-user.ts';
import { createEvaluate } from '@bough/host/nix/evaluate.ts';
import { nixSystem } from '@bough/host/nix/nix-system.ts';
import { readManifest } from '@bough/host/nix/read-manifest.ts';
import { createRealise } from '@bough/host/nix/realise.ts';
import { rememberEvaluation } from '@bough/host/nix/remember-evaluation.ts';
import { openHost } from '@bough/host/open-host.ts';
import { createInterruptible } from '@bough/host/operate/interruptible.ts';
import { createOperate } from '@bough/host/operate/operate.ts';
import { operateProject } from '@bough/host/operate/operate-project.ts';
import { makePrivateFolder } from '@bough/host/make-private-folder.ts';
import { createQueues } from '@bough/host/queue/create-queues.ts';
import { forgetAsks, readAsks, rememberAsk } from '@bough/host/queue/asks.ts';
import { enqueueBuild, enqueueReconcile, enqueueSweep } from '@bough/host/queue/enqueue.ts';
import { createGate } from '@bough/host/queue/gate.ts';
import { connectWorker } from '@bough/host/redis/connect-worker.ts';
import { redisOptions } from '@bough/host/redis/redis-options.ts';
import { createReconcileDeployment } from '@bough/host/reconcile/reconcile-deployment.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { createKeepLimits } from '@bough/host/limits/keep-limits.ts';
import { keptBootRecord } from '@bough/host/sweep/kept-boot-record.ts';
import { mendFile } from '@bough/host/sweep/kept-file.ts';
import { keptStatusPage } from '@bough/host/sweep/kept-status-page.ts';
import { removeUnfinished } from '@bough/host/state/remove-unfinished.ts';
import { createSweep } from '@bough/host/sweep/sweep.ts';
import type { Logger } from 'pino';
import { queuePrefix } from '@bough/core/queue/jobs.ts';
import { createPublishState } from '@bough/host/status/publish-state.ts';
import { createCancelBuild } from './cancel/cancel-build.ts';
import { createPerform } from './perform.ts';
import { publishing } from './publishing.ts';
import { createBuildBranch } from './build/build-branch.ts';
import { createForgetBranch } from './build/forget-branch.ts';
import { createPruneStrays } from './build/prune-strays.ts';
import { createWhyGoesOn } from './build/why-goes-on.ts';
import { Cancelled } from './cancelled.ts';
import { controlRoutes } from './control-routes.ts';
import { withRoom } from './gc/make-room.ts';
import { withTidyMirrors } from './gc/tidy-mirrors.ts';
import { createRunningBuild } from './running-build.ts';
import { jobLimitSec } from '@bough/core/progress/job-limit.ts';
import type { WorkerProgress } from './progress.ts';
import { type StartedWorker, startWorker } from './start-worker.ts';
import { createWasBuilding } from './was-building.ts';
import { withWatch } from './watch-switches.ts';
import { withLimits } from './with-limits.ts';

export interface WorkOptions {
  readonly config: Config;
  readonly redisPassword: string | undefined;
  /** The worker lock: every child inherits it. */
  readonly lockFd: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: WorkerProgress;
  readonly log: Logger;
}

/** Whoever asks for something that needs Redis is not kept waiting longer, where that is frozen. */
const answersWithinMs = 10_000;

/** Puts the worker together from its parts and starts it. Call it only while holding the worker lock. */
export async function work({
  config,
  redisPassword,
  lockFd,
  environment,
  progress,
  log,
}: WorkOptions): Promise<StartedWorker> {
  const run = createRunCommand({ lockFd, log, environment, actions: progress });
  const redis = connectWorker(
    { ...redisOptions(config.redis.url, redisPassword), connectionName: 'bough-worker' },
    log,
  );
  progress.watchRedis(redis);
  const queues = createQueues(redis);
  const gate = createGate(redis, log, answersWithinMs);
  const running = createRunningBuild();

  const host = await openHost({ config, run, log, actions: progress });
  const { layout, store, mirror } = host;
  // Sources and logs are nobody else's. The units stay readable, for `systemctl cat`.
  const builder = config.scope === 'system' ? await findBuildUser(stackUsers.build, run) : undefined;
  await makePrivateFolder(layout.mirrors, builder?.gid);
  await makePrivateFolder(layout.deployments);
  const nix = { layout, run, builder, limits: config.build, actions: progress };
  await makeNixCache(nix);
  const unfinished = await removeUnfinished(layout, store);
  if (unfinished.length > 0) log.info({ unfinished }, 'what was half-written when the last worker ended is removed');
  const pruneStrays = createPruneStrays({ layout, store, mirror, running: running.untilItsEnd, actions: progress });

  const build = createBuildBranch({
    ...host,
    system: nixSystem(),
    hasRoom: async () => {
      const free = await Promise.all([freeBytes(), freeBytes(config.stateDir)]);
      return !free.some((bytes) => isLow(bytes, config.gc));
    },
    readManifest,
    evaluate: rememberEvaluation(nix, createEvaluate(nix)),
    realise: createRealise(nix),
    rememberAsk: (job) => rememberAsk(redis, job),
    readAsks: (of) => readAsks(redis, of),
    forgetAsks: (of, asks) => forgetAsks(redis, of, asks),
    enqueueReconcile: (id) => enqueueReconcile(queues, { ...id, asked: { by: 'build' } }),
    enqueueSweep: (project) => enqueueSweep(queues, { project, asked: { by: 'build' } }),
  });
  const reconcileOnce = createReconcileDeployment({
    ...host,
    forgetBranch: createForgetBranch({ mirror, pruneStrays, log }),
  });
  const stop = new AbortController();
  const reconcileLater = (id: DeploymentId, how = { urgent: false }) =>
    enqueueReconcile(queues, { ...id, asked: { by: 'sweep' } }, how);
  const reconcileSoon = (id: DeploymentId) => reconcileLater(id, { urgent: true });
  const { reconcile, interrupt } = createInterruptible(
    withWatch({ ...host, reconcileSoon, stop: stop.signal, log }, reconcileOnce),
  );
  const publish = createPublishState({ ...host, redis, gate, prefix: queuePrefix, log });
  const keepLimits = createKeepLimits({ ...host, enqueueReconcile: reconcileSoon, log });
  const sweep = createSweep({
    ...host,
    pruneStrays,
    mend: async (id, planned) =>
      (await mendFile(keptBootRecord, host, id, planned)) ?? (await mendFile(keptStatusPage, host, id, planned)),
    keepLimits,
    interrupt,
    lsRemote: async (...asked) => await mirror.lsRemote(...asked),
    wasBuilding: createWasBuilding(running, progress),
    enqueueBuild: (project, branch, seen) =>
      enqueueBuild(
        queues,
        { project, branch, asked: { by: 'sweep' }, seen },
        { production: branch === config.projects[project]?.production },
      ),
    enqueueReconcile: reconcileLater,
    cancelBuild: (id, why) => void running.cancelOf(id, { kind: 'gone', why }),
    async swept(project, isWhole) {
      if (isWhole) progress.swept(project);
      await publish.swept(project);
    },
  });

  const collect = createCollectGarbage({ ...host, settings: config, run, builder });

  async function headOf(project: string, branch: string, signal?: AbortSignal): Promise<string | null> {
    const remote = config.projects[project]?.remote;
    return remote === undefined ? null : ((await mirror.lsRemote(remote, signal, branch)).get(branch) ?? null);
  }
  const cancelBuild = createCancelBuild({
    ...host,
    redis,
    gate,
    queues,
    running,
    headOf,
    interrupt,
    // Not as a person's own: that would give a release that failed another chance.
    enqueueReconcile: async (id) => await enqueueReconcile(queues, { ...id, asked: { by: 'build' } }),
    log,
  });
  const perform = createPerform({
    store,
    operate: createOperate({ ...host, reconcile, interrupt, commitInHand: (id) => running.commitOf(id), log }),
    cancelBuild,
    changed: (id) => publish.changed(id),
    now: host.now,
  });
  let isTakingJobs = false;
  // Before anything waits for Redis: a person can roll back while it is away.
  const routes = controlRoutes({
    config,
    perform,
    operateProject: (operation) => operateProject({ ...host, log }, operation),
    gate,
    queues,
    progress: () => progress.snapshot(queues, Object.keys(config.projects)),
    actions: progress,
    stop: stop.signal,
    isTakingJobs: () => isTakingJobs,
  });
  const control = await serveControl(layout.control, routes, log);

  const worker = await startWorker({
    redis,
    queues,
    running,
    actions: progress,
    limitSec: (kind) => jobLimitSec(config, kind),
    log,
    schedules: { sweepSec: config.sweepIntervalSec, gcSec: config.gc.every },
    processors: {
      ...publishing(publish, {
        build: withRoom({ gc: config.gc, freeBytes: () => freeBytes(), collect }, build),
        reconcile: withLimits(reconcile, keepLimits, log),
      }),
      sweep,
      gc: withTidyMirrors({ mirror, projects: Object.keys(config.projects) }, collect),
      operate: async (operation, how) => await perform.job(operation, how),
      headOf,
      whyGoesOn: createWhyGoesOn({ ...host, config, readAsks: (of) => readAsks(redis, of) }),
    },
  });

  isTakingJobs = true;
  return {
    async drain() {
      stop.abort(new Cancelled({ kind: 'shutdown' }));
      await control.close();
      await worker.drain();
    },
  };
}
