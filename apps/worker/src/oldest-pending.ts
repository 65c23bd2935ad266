import type { Queues } from '@bough/host/queue/create-queues.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';

const mostJobs = 1_000;
const pending = ['wait', 'prioritized', 'delayed', 'active'] as const;
/** Longer a gauge is not waited for. */
const answersWithinMs = 1_000;

/** Gives the age of the oldest job of a deployment that waits or runs, in seconds; 0: there is none, `null`: it cannot be told now. */
export type OldestPending = (queues: Queues) => Promise<number | null>;

/**
 * A job is as old as it says, but for one that a person retries: when is nowhere on record, so it counts from when it is first
 * seen. Sweeps and collections are of no deployment.
 */
export function createOldestPending(now: () => number = Date.now): OldestPending {
  let known: ReadonlyMap<string, number> = new Map();

  async function look({ build, reconcile }: Queues): Promise<number> {
    const found = await Promise.all([
      build.getJobs([...pending], 0, mostJobs, true),
      reconcile.getJobs([...pending], 0, mostJobs, true),
    ]);
    const since = new Map<string, number>();
    for (const job of found.flat()) {
      const { id = '', name } = job;
      if (name === 'build' || name === 'reconcile') since.set(id, known.get(id) ?? pendingSince(job, now()));
    }
    known = since;
    return since.size === 0 ? 0 : Math.max(0, now() - Math.min(...since.values())) / 1_000;
  }

  return async (queues) =>
    await Promise.race([look(queues).catch(() => null), sleep(answersWithinMs, null, { ref: false })]);
}

/** What failed and waits for its next attempt says why; a retry takes that away (reprocessJob.lua of BullMQ 6.7). */
function pendingSince({ timestamp, attemptsMade, failedReason }: Job, now: number): number {
  return attemptsMade > 0 && !failedReason ? now : timestamp;
}
