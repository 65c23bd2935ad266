import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { logRedisState } from './log-redis-state.ts';
import type { RedisSettings } from './redis-options.ts';

/**
 * The worker's connection: it waits for Redis for as long as it takes, at the start and later, and its commands wait
 * with it. BullMQ makes its blocking connections from it, which needs `maxRetriesPerRequest: null`.
 */
export function connectWorker(options: RedisSettings, log: Logger): Redis {
  const redis = new Redis({
    ...options,
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
  });
  logRedisState(redis, log);
  return redis;
}
