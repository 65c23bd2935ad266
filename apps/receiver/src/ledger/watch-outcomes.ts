import { type FinishedJob, jobEnd } from '@bough/core/ledger/job-end.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import type { Job, Queue } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface OutcomeWatchHost {
  /** Not the producer's: it must not hold up deliveries. */
  readonly redis: RedisConnection;
  readonly queues: Queues;
  readonly ledger: Pick<Ledger, 'ended' | 'cursor'>;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

const everyMs = 2_000;
const atOnce = 50;
const sets = ['completed', 'failed'] as const;

/**
 * Records in the ledger how jobs ended. BullMQ keeps finished jobs ordered by their end, so each look takes what ended
 * since the last one: nothing is missed while the receiver is down, and no stream of events can overflow.
 */
export async function watchOutcomes({ redis, queues, ledger, log, stop }: OutcomeWatchHost): Promise<void> {
  const watched = ([queues.build, queues.sweep] as readonly Queue[]).flatMap((queue) =>
    sets.map((set) => createLook(queue, set, redis, ledger)),
  );
  let isTold = false;
  while (!stop.aborted) {
    try {
      if (redis.status === 'ready') for (const look of watched) await look();
      isTold = false;
    } catch (err) {
      if (!isTold && !stop.aborted) log.warn({ err }, 'cannot see how jobs ended; the ledger is told later');
      isTold = true;
    }
    await sleep(everyMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
  }
}

function createLook(
  queue: Queue,
  set: (typeof sets)[number],
  redis: RedisConnection,
  ledger: OutcomeWatchHost['ledger'],
) {
  const name = `${queue.name} ${set}`;
  let since: number | null = null;
  let atSince: readonly string[] = []; // those of the last millisecond: more may have ended in it

  return async function look(): Promise<void> {
    let from: number = (since ??= await ledger.cursor(name));
    for (;;) {
      // The score is `finishedOn` (moveToFinished.lua of BullMQ 6.7).
      const range = [queue.toKey(set), from, '+inf', 'WITHSCORES', 'LIMIT', 0, atOnce + atSince.length] as const;
      const found: string[] = await redis.zrangebyscore(...range);
      const all = found.flatMap((id, index) => (index % 2 === 0 ? [{ id, at: Number(found[index + 1]) }] : []));
      const fresh = all.filter(({ id }) => !atSince.includes(id));
      const last = all.at(-1)?.at;
      if (fresh.length === 0 || last === undefined) return;
      const jobs = await Promise.all(fresh.map(async ({ id }) => await queue.getJob(id)));
      ledger.ended(
        jobs.filter((job): job is Job => job !== undefined).map((job) => jobEnd(finished(job, set))),
        name,
        last,
      );
      since = from = last;
      atSince = all.filter(({ at }) => at === last).map(({ id }) => id);
    }
  };
}

/** A job that went well at its second attempt still carries why the first one failed. */
function finished({ id = '', data, finishedOn = 0, returnvalue, failedReason }: Job, set: string): FinishedJob {
  return { id, data, finishedOn, returned: returnvalue, failedReason: set === 'failed' ? (failedReason ?? '') : null };
}
