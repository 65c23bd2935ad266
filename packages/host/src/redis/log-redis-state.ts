import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** Logs when Redis goes away and when it is back, once each, however often the connection is tried meanwhile. */
export function logRedisState(redis: Redis, log: Logger): void {
  let state: 'unknown' | 'ready' | 'away' = 'unknown';
  redis.on('ready', () => {
    if (state !== 'ready') log.info('Redis is ready');
    state = 'ready';
  });
  redis.on('error', (error: Error) => {
    if (state !== 'away') log.warn({ err: error }, 'Redis cannot be reached; trying again until it can');
    state = 'away';
  });
  redis.on('close', () => {
    // Until the first error or the next 'ready' it may be no more than a restart.
    if (state === 'ready') state = 'unknown';
  });
}
