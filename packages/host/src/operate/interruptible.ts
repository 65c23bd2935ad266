import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import type { ReconcileRun } from '../reconcile/reconcile-deployment.ts';

type Reconcile = (id: DeploymentId, run: ReconcileRun) => Promise<ReconcileOutcome>;

/**
 * Lets what was decided anew go first: `interrupt` makes a reconcile of that deployment that runs now, be it waiting for a
 * health check or draining, leave off at once and begin anew behind whoever waits for the deployment. It is safe at any
 * step: each reconcile starts from what it observes.
 */
export function createInterruptible(reconcile: Reconcile) {
  const running = new Map<string, Set<AbortController>>();

  return {
    reconcile: async (id: DeploymentId, run: ReconcileRun): Promise<ReconcileOutcome> => {
      const key = deploymentKey(id);
      const ofThis = running.get(key) ?? new Set();
      running.set(key, ofThis);
      for (;;) {
        const interrupted = new AbortController();
        ofThis.add(interrupted);
        try {
          return await reconcile(id, { ...run, signal: AbortSignal.any([run.signal, interrupted.signal]) });
        } catch (error) {
          if (!interrupted.signal.aborted || run.signal.aborted) throw error;
          run.log('something else is decided first: it is looked at again after that');
        } finally {
          ofThis.delete(interrupted);
          if (ofThis.size === 0 && running.get(key) === ofThis) running.delete(key);
        }
        running.set(key, ofThis);
      }
    },

    interrupt: (id: DeploymentId): void => {
      for (const each of running.get(deploymentKey(id)) ?? []) each.abort();
    },
  };
}
