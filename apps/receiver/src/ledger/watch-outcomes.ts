import type { JobLine } from '@bough/core/ledger/delivery-line.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createLookAtEnds } from './ended-jobs.ts';
import type { Queue } from 'bullmq';
import { findOvertaken } from './find-overtaken.ts';
import { recoverJoined } from './recover-joined.ts';

export interface OutcomeWatchHost {
  /** Not the producer's: it must not hold up deliveries. */
  readonly redis: RedisConnection;
  readonly queues: Queues;
  readonly ledger: Pick<Ledger, 'ended' | 'news' | 'openLines' | 'missing' | 'recover'>;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

const everyMs = 2_000;

/** Records in the ledger how jobs ended, and how those that Redis lost were made good. */
export async function watchOutcomes({ redis, queues, ledger, log, stop }: OutcomeWatchHost): Promise<void> {
  const { openLines } = ledger;
  const watched: readonly Queue[] = [queues.build, queues.sweep];
  const looks = watched.map((queue) => createLookAtEnds(queue, redis, ledger));
  let isTold = false;
  let isRecovered = false;

  async function look(): Promise<void> {
    if (!isRecovered) await recoverJoined(redis, ledger, log);
    isRecovered = true;
    const ended: JobLine[] = [];
    for (const lookAtEnds of looks) {
      for await (const lines of lookAtEnds()) {
        ledger.ended(lines);
        ended.push(...lines);
      }
    }
    ledger.ended(await findOvertaken({ redis, queues, openLines }, ended));
  }

  while (!stop.aborted) {
    try {
      if (redis.status === 'ready') await look();
      isTold = false;
    } catch (err) {
      if (!isTold && !stop.aborted) log.warn({ err }, 'cannot see how jobs ended; the ledger is told later');
      isTold = true;
    }
    await sleep(everyMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
  }
}
