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

/** The watch at work. */
export interface PushWatch {
  /**
   * Listens anew, from now on, and looks once for what was not heard. To be called when Redis was emptied: BullMQ goes on from the last
   * id it read, and what is told from then on may have ids before that, as the clock was ahead when it was given.
   */
  renew(): Promise<void>;
  /** Waits for Redis, which may be away. */
  close(): Promise<void>;
}

/**
 * Tells `supersede` when the branch that is being built is asked for again. Mostly the new job joins the running one
 * (`deduplicated`); it does not when that was retried by a person, as BullMQ gives up its deduplication key on failure.
 * A push to a branch whose job waits for its next attempt ends that wait: it is a reason to look now.
 */
export async function watchPushes({ redis, queue, running, supersede, log }: PushWatchHost): Promise<PushWatch> {
  let events = await listen();
  let isClosed = false;

  async function listen(): Promise<QueueEvents> {
    // From now on, not from whenever its own connection is ready: ids in the stream are times of the Redis server.
    const [seconds = 0, microseconds = 0] = await redis.time();
    const lastEventId = String(seconds * 1_000 + Math.floor(microseconds / 1_000));
    const shared = { connection: redis, prefix: queuePrefix, skipVersionCheck: true };
    const found = new QueueEvents(queue.name, { ...shared, lastEventId });
    // That Redis is away its connection says, once.
    found.on('error', (err) =>
      log[redis.status === 'ready' ? 'warn' : 'debug']({ err }, 'BullMQ reports an error; a push may not be heard of'),
    );
    found.on('deduplicated', ({ jobId }) => void guarded(() => joined(jobId)));
    found.on('added', ({ jobId }) => void guarded(() => added(jobId)));
    return found;
  }

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

  return {
    async renew() {
      const old = events;
      events = await listen();
      await old.close();
      if (isClosed) return await events.close();
      await supersede.pushed();
    },
    async close() {
      isClosed = true;
      await events.close();
    },
  };
}
