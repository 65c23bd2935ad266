import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { Cancelled } from './cancelled.ts';

/** Children get 10 s from SIGTERM to SIGKILL, and Redis a moment to take the jobs back. */
const drainMs = 15_000;
/** BullMQ closes within milliseconds of its last job, or waits for a Redis that is away. */
const closeMs = 1_000;

export interface DrainHost {
  readonly workers: readonly Worker[];
  /** The ids of the jobs that still run. */
  readonly inHand: () => readonly string[];
  /** Aborting it stops the jobs. */
  readonly stop: AbortController;
  readonly log: Logger;
}

/**
 * Takes no more jobs, stops the running ones and waits until they are back in their queues. What Redis does not take
 * back in time is put back by the next worker at its start.
 */
export async function drain({ workers, inHand, stop, log }: DrainHost): Promise<void> {
  log.info({ jobs: inHand() }, 'no new jobs; the running ones are stopped and go back to their queues');
  const closed = Promise.all(workers.map(async (worker) => await worker.close()));
  stop.abort(new Cancelled({ kind: 'shutdown' })); // after close(): a job that ends now must not fetch the next one

  const deadline = performance.now() + drainMs;
  while (inHand().length > 0 && performance.now() < deadline) await sleep(20);
  const left = inHand();
  if (left.length > 0)
    log.warn({ jobs: left, waitedMs: drainMs }, 'jobs did not end in time; the next worker ends what they left');
  await Promise.race([closed, sleep(closeMs)]);
}
