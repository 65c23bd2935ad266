import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { EndedJob } from '@bough/host/ledger/ledger-writer.ts';
import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import { type FinishedJob, jobEnd } from '@bough/core/ledger/job-end.ts';
import type { JobLine } from '@bough/core/ledger/delivery-line.ts';
import type { Job, Queue } from 'bullmq';

const sets = ['completed', 'failed'] as const;
const atOnce = 50;

/** Gives how the jobs of a queue ended that have ended since it was asked last. */
export type LookAtEnds = () => AsyncGenerator<JobLine[]>;

/**
 * BullMQ keeps so many of the jobs that ended in sets (`job-options.ts`) that all of what is in them can be compared with
 * what was seen before, or, by a receiver that has just started, with what is on record. So nothing is missed while the
 * receiver is down, and no clock is asked which end is the later one: a clock may be set back.
 */
export function createLookAtEnds(queue: Queue, redis: RedisConnection, ledger: Pick<Ledger, 'news'>): LookAtEnds {
  const seen: Partial<Record<(typeof sets)[number], ReadonlyMap<string, number>>> = {};

  return async function* look() {
    for (const set of sets) {
      const ended = pairs(await redis.zrange(queue.toKey(set), '0', '-1', 'WITHSCORES'));
      const before = seen[set];
      const fresh =
        before === undefined ? await ledger.news(ended) : ended.filter(({ id, at }) => before.get(id) !== at);
      for (let from = 0; from < fresh.length; from += atOnce) {
        const jobs = await Promise.all(
          fresh.slice(from, from + atOnce).map(async ({ id }): Promise<Job | undefined> => await queue.getJob(id)),
        );
        // One that was retried meanwhile has no end now.
        yield jobs.flatMap((job) => (job?.finishedOn === undefined ? [] : [jobEnd(finished(job, set === 'failed'))]));
      }
      seen[set] = new Map(ended.map(({ id, at }) => [id, at]));
    }
  };
}

/** The score is `finishedOn` (moveToFinished.lua of BullMQ 6.7). */
function pairs(found: readonly string[]): EndedJob[] {
  return found.flatMap((id, index) => (index % 2 === 0 ? [{ id, at: Number(found[index + 1]) }] : []));
}

/** How a job ended; `null`: it has not. */
export async function endOf(job: Job): Promise<JobLine | null> {
  return job.finishedOn === undefined ? null : jobEnd(finished(job, await job.isFailed()));
}

/** A job that went well at its second attempt still carries why the first one failed. */
function finished(job: Job, hasFailed: boolean): FinishedJob {
  const { id = '', data, timestamp, processedOn = null, finishedOn = 0, returnvalue: returned, failedReason } = job;
  const why = hasFailed ? (failedReason ?? '') : null;
  return { id, data, timestamp, processedOn, finishedOn, returned, failedReason: why };
}
