import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { logRedisState } from './log-redis-state.ts';
import type { RedisSettings } from './redis-options.ts';

/** A connection to Redis, for those who only hand it on. */
export type RedisConnection = Redis;

/**
 * A connection that fails at once instead of waiting: nothing is queued while Redis is away, nothing is sent twice, and
 * every command has a deadline. It connects by itself, at the start too, for as long as it takes. Not for BullMQ's
 * workers: see `connectWorker`.
 */
export function connectProducer(options: RedisSettings, log: Logger, commandTimeoutMs = 1_000): Redis {
  const redis = new Redis({
    ...options,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1_000,
    socketTimeout: 5_000, // a frozen Redis: give the connection up and make a new one
    disconnectTimeout: 250, // the timer of it holds an ending process back, also when the stream is long gone
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
  });
  logRedisState(redis, log);
  return redis;
}
