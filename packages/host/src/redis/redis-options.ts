import type { RedisOptions } from 'ioredis';

/** Options of ioredis, less one whose `undefined` no constructor of ioredis 6 takes under `exactOptionalPropertyTypes`. */
export type RedisSettings = Omit<RedisOptions, 'replyMapping'>;

const unix = 'unix://';

/**
 * How the Redis at a URL is reached: `redis://host:port/db`, `rediss://…` for TLS, or `unix:///path/of/the.sock`.
 * The URL holds no password, see the configuration.
 */
export function redisOptions(url: string, password?: string): RedisSettings {
  const secret = password === undefined ? {} : { password };
  if (url.startsWith(unix)) return { path: url.slice(unix.length), ...secret };

  const { protocol, hostname, port, username, pathname } = new URL(url);
  const db = pathname.slice(1);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6379 : Number(port),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(db === '' ? {} : { db: Number(db) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
    ...secret,
  };
}
