import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { ReconcileOutcome } from '@bough/core/queue/jobs.ts';
import type { KeepLimits } from '@bough/host/limits/keep-limits.ts';
import type { Logger } from 'pino';

type Logs = { readonly log: (line: string) => void };

/**
 * Reconciling that keeps the limits of the project afterwards, for a preview it brought up may be the one too many. That
 * they cannot be kept is no failure of the branch; the next sweep looks again.
 */
export function withLimits<Run extends Logs>(
  reconcile: (id: DeploymentId, run: Run) => Promise<ReconcileOutcome>,
  keepLimits: KeepLimits,
  log: Logger,
) {
  return async (id: DeploymentId, run: Run): Promise<ReconcileOutcome> => {
    const outcome = await reconcile(id, run);
    if (outcome.applied.length === 0) return outcome;
    await keepLimits(id.project, run.log).catch((err: unknown) =>
      log.warn({ err, project: id.project }, 'the limits of the project could not be kept; the next sweep looks again'),
    );
    return outcome;
  };
}
