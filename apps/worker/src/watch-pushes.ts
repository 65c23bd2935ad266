import type { BuildJob, GcJob } from '@bough/core/queue/jobs.ts';
import { queuePrefix } from '@bough/core/queue/jobs.ts';
import { type Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { RunningBuild } from './running-build.ts';
import type { Supersede } from './supersede.ts';

export interface PushWatchHost {
  readonly redis: Redis;
  readonly queue: Queue<BuildJob | GcJob>;
  readonly running: RunningBuild;
  readonly supersede: Supersede;
  readonly log: Logger;
}

/**
 * Tells `supersede` when the branch that is being built is asked for again. Mostly the new job joins the running one
 * (`deduplicated`); it does not when that was retried by a person, as BullMQ gives up its deduplication key on failure.
 * A push to a branch whose job waits for its next attempt ends that wait: it is a reason to look now.
 */
export async function watchPushes({ redis, queue, running, supersede, log }: PushWatchHost): Promise<QueueEvents> {
  // From now on, not from whenever its own connection is ready: ids in the stream are times of the Redis server.
  const [seconds = 0, microseconds = 0] = await redis.time();
  const lastEventId = String(seconds * 1_000 + Math.floor(microseconds / 1_000));
  const shared = { connection: redis, prefix: queuePrefix, skipVersionCheck: true };
  const events = new QueueEvents(queue.name, { ...shared, lastEventId });
  events.on('error', (err) => log.debug({ err }, 'BullMQ reports an error'));
  events.on('deduplicated', ({ jobId }) => void guarded(() => joined(jobId)));
  events.on('added', ({ jobId }) => void guarded(() => added(jobId)));
  return events;

  async function joined(jobId: string): Promise<void> {
    if (running.get()?.jobId === jobId) return await supersede.pushed();
    const job = await queue.getJob(jobId);
    if ((await job?.isDelayed()) === true) await job?.promote();
  }

  async function added(jobId: string): Promise<void> {
    const build = running.get();
    if (build === null || build.jobId === jobId) return;
    const data = (await queue.getJob(jobId))?.data;
    if (data !== undefined && 'branch' in data && data.project === build.project && data.branch === build.branch)
      await supersede.pushed();
  }

  async function guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      log.debug({ err }, 'a push cannot be looked at; the running build goes on');
    }
  }
}
