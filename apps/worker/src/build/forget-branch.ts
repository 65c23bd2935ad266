import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Mirror } from '@bough/host/git/mirror.ts';
import type { Logger } from 'pino';

/** What forgetting a branch needs of the worker. */
export interface ForgetHost {
  readonly mirror: Pick<Mirror, 'forgetHead'>;
  readonly pruneStrays: (project: string) => Promise<unknown>;
  readonly log: Logger;
}

/** A fetch of the same project goes first, and may take minutes; a reconcile keeps other projects from theirs meanwhile. */
const waitMs = 5_000;

/**
 * Removes what git keeps of a branch that is gone: its ref in the mirror, and the pins no release needs. What takes longer
 * than a moment is done without being waited for. It may get lost with the worker: the next fetch and the next sweep do it too.
 */
export function createForgetBranch({ mirror, pruneStrays, log }: ForgetHost) {
  return async (id: DeploymentId, branch: string): Promise<void> => {
    const forgotten = mirror.forgetHead(id.project, branch).then(async () => await pruneStrays(id.project));
    const waited = new AbortController();
    const isLate = await Promise.race([
      forgotten.then(() => false),
      sleep(waitMs, true, { signal: waited.signal }).catch(() => true),
    ]).finally(() => waited.abort());
    if (isLate)
      forgotten.catch((err: unknown) =>
        log.warn({ err, ...id }, 'the mirror cannot be rid of a branch; the next fetch does it'),
      );
  };
}
