import { AppError } from '../app-error.ts';
import type { Config } from '../config/config.ts';

/**
 * Where Bough's own Redis listens, or `null` where `redis.url` names one that somebody else runs.
 * @throws AppError CONFIG_INVALID for a password: whoever may open the socket is let in
 */
export function ownRedisSocket({ redis }: Config): string | null {
  const prefix = 'unix://';
  if (!redis.url.startsWith(prefix)) return null;
  if (redis.passwordFile !== undefined) {
    throw new AppError(
      'CONFIG_INVALID',
      'redis.passwordFile is for a Redis reached over the network; remove it, or change redis.url.',
    );
  }
  return redis.url.slice(prefix.length);
}

/**
 * redis.conf(5) of a Redis for the queues alone. `appendfsync always`: what was acknowledged to a forge is on disk.
 * `noeviction`: a full Redis refuses jobs, which the receiver hands on as 503, and never forgets one.
 */
export function renderRedisConf(socket: string, folder: string): string {
  return `port 0
unixsocket ${quoteWord(socket)}
unixsocketperm 660
dir ${quoteWord(folder)}
appendonly yes
appendfsync always
save ""
maxmemory 512mb
maxmemory-policy noeviction
databases 1
daemonize no
supervised systemd
logfile ""
`;
}

/** A word of redis.conf(5). Plain where it can be: to quote it would change the file, and so restart the Redis that runs. */
function quoteWord(text: string): string {
  return /^[\w/.@:+-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
