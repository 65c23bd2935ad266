import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { logRedisState } from './log-redis-state.ts';
import type { RedisSettings } from './redis-options.ts';

/** No answer comes later than that but from a Redis that is frozen, or through a connection that is: a blocking command ends after 10 s. */
const answersWithinMs = 20_000;

/**
 * The worker's connection: it waits for Redis for as long as it takes, at the start and later, and its commands wait
 * with it. One that is frozen counts as away: the connection is given up and made anew. BullMQ makes its blocking connections
 * from it, which needs `maxRetriesPerRequest: null`; and no command has a limit of its own, for a job whose end missed it
 * would end as failed.
 */
export function connectWorker(options: RedisSettings, log: Logger): Redis {
  const redis = new Redis({
    ...options,
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    socketTimeout: answersWithinMs,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
  });
  logRedisState(redis, log);
  return redis;
}
