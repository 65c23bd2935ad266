import { setTimeout as sleep } from 'node:timers/promises';
import { deploymentKey } from '@bough/core/deployment-id.ts';
import type { Actions } from '@bough/host/progress/actions.ts';
import type { SweepHost } from '@bough/host/sweep/sweep-host.ts';
import type { RunningBuild } from './running-build.ts';

/** A build that was cut short by the death of a worker finds its head within two seconds; one that makes room first takes minutes. */
const patienceMs = 10_000;
const deadlineSec = 60;

/**
 * Whether the running build is of this head, or one was that has ended since the sweep looked. Both have just begun where the sweep is
 * the first of a worker, so a build that has not found its head yet is waited for; not for long, as units wait to be looked at.
 */
export function createWasBuilding(
  running: Pick<RunningBuild, 'untilCommitOf' | 'wasAt'>,
  actions: Pick<Actions, 'begin'>,
  waitMs = patienceMs,
): SweepHost['wasBuilding'] {
  return async (id, commit, since, signal) => {
    const known = running.untilCommitOf(id);
    if (known !== null) {
      const ended = actions.begin(`waiting for the head that the build of ${deploymentKey(id)} finds`, deadlineSec);
      const over = new AbortController();
      try {
        await Promise.race([known, sleep(waitMs, undefined, { signal: AbortSignal.any([signal, over.signal]) })]);
      } finally {
        over.abort();
        ended();
      }
      signal.throwIfAborted(); // the build may have ended for the same reason
    }
    return running.wasAt(id, commit, since);
  };
}
