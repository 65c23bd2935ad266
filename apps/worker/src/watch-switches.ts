import { setTimeout as sleep } from 'node:timers/promises';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import { planDeployment, type PlanHost } from '@bough/host/reconcile/plan-deployment.ts';
import type { ReconcileRun } from '@bough/host/reconcile/reconcile-deployment.ts';
import type { Logger } from 'pino';

type Reconcile = (id: DeploymentId, run: ReconcileRun) => Promise<ReconcileOutcome>;

export interface WatchHost extends PlanHost {
  readonly reconcileSoon: (id: DeploymentId) => Promise<unknown>;
  /** Aborted at shutdown. */
  readonly stop: AbortSignal;
  readonly log: Logger;
}

// Most of what crashes does so with its first requests. A look costs two questions to systemd.
const everyMs = 2_000;
const forMs = 60_000;

/**
 * Reconciling that watches each release it has switched to for its first minute: one that crash-loops is rolled back then
 * by a job, and does not serve until the next sweep. Only a hint is lost with the worker: the sweep looks at all there is.
 */
export function withWatch(host: WatchHost, reconcile: Reconcile): Reconcile {
  const watched = new Map<string, { readonly id: DeploymentId; readonly until: number }>();
  let isWatching = false;

  /** One deployment after the other: where there are many they are looked at less often, at no more cost. */
  async function watch(): Promise<void> {
    isWatching = true;
    while (watched.size > 0) {
      await sleep(everyMs, undefined, { signal: host.stop, ref: false });
      for (const [key, seen] of watched) {
        const isOver = (await isSettled(host, seen.id)) || performance.now() > seen.until;
        if (isOver && watched.get(key) === seen) watched.delete(key); // it may have switched once more
      }
    }
    isWatching = false;
  }

  function watchFromNow(id: DeploymentId): void {
    watched.set(deploymentKey(id), { id, until: performance.now() + forMs });
    if (!isWatching) watch().catch(() => undefined); // only the end of the worker ends it
  }

  return async (id, run) =>
    await reconcile(id, {
      ...run,
      onStep: (step) => {
        if (step.kind === 'switch') watchFromNow(id);
        run.onStep?.(step);
      },
    });
}

/** Whether there is nothing to watch any more; wakes a reconcile where it crashes. Nothing here throws. */
async function isSettled(host: WatchHost, id: DeploymentId): Promise<boolean> {
  if (host.store.isLocked(id)) return false; // who works on it looks by itself
  const log = host.log.child({ project: id.project, deployment: id.slug });
  try {
    const planned = await planDeployment(host, id);
    if (planned === null || planned.probation === null) return true; // it is gone, or nothing else could serve
    if (planned.crash === null || host.store.isLocked(id)) return false;
    log.info({ crash: planned.crash }, 'it crashes soon after its switch');
    await host.reconcileSoon(id);
  } catch (err) {
    log.warn({ err }, 'what was switched to cannot be watched; the next sweep looks at it');
  }
  return true;
}
