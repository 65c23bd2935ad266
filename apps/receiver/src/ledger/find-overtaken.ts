import type { JobLine, OpenLine } from '@bough/core/ledger/delivery-line.ts';
import { overtakenBy, overtakerOf } from '@bough/core/ledger/overtaken.ts';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import { findFollowing } from '@bough/host/queue/joined-jobs.ts';
import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import { endOf } from './ended-jobs.ts';

/** What looking for lost jobs needs. */
export interface OvertakenHost {
  readonly redis: RedisConnection;
  readonly queues: Pick<Queues, 'build' | 'sweep'>;
  readonly openLines: () => Promise<OpenLine[]>;
}

/**
 * The ends of lines whose jobs Redis has lost or could not keep, as far as the jobs that ended now looked at what they had told of. While a
 * job is there it will bring its own end, and where a sweep or a person joined the same running job later, the run that followed has their
 * id: its end is that of the line.
 */
export async function findOvertaken({ redis, queues, openLines }: OvertakenHost, ended: JobLine[]): Promise<JobLine[]> {
  if (!ended.some(({ branch, isSweep }) => branch !== null || isSweep)) return [];
  const overtaken: JobLine[] = [];
  for (const open of await openLines()) {
    const by = overtakerOf(ended, open, Date.now());
    if (by === undefined) continue;
    const keys = open.awaited.flatMap((id) => [queues.build.toKey(id), queues.sweep.toKey(id)]);
    if ((await redis.exists(...keys)) > 0) continue;
    const following = open.joined === null ? undefined : await findFollowing(redis, queues.build, open.joined);
    const end = following === undefined ? overtakenBy(by, open) : await endOf(following);
    if (end !== null) overtaken.push({ ...end, job: open.job, bySweep: false, madeFor: null });
  }
  return overtaken;
}
