import type { Redis } from 'ioredis';

/**
 * Why Redis cannot be trusted with jobs now, one sentence each; empty when it can. Reads `INFO`, which managed services
 * allow where they forbid `CONFIG`. Takes no longer than the connection's command timeout for each of two commands.
 */
export async function observeRedis(redis: Redis): Promise<string[]> {
  if (redis.status !== 'ready') return ['Redis is not connected'];
  try {
    return redisProblems(
      `${await redis.info('memory')}\r\n${await redis.info('persistence')}\r\n${await redis.info('replication')}`,
    );
  } catch (error) {
    return [`Redis does not answer: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** What the text of `INFO` says against keeping jobs in this Redis. */
export function redisProblems(info: string): string[] {
  const value = (key: string) => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const problems: string[] = [];
  const policy = value('maxmemory_policy');
  if (policy !== 'noeviction')
    problems.push(`maxmemory-policy is ${policy ?? 'unknown'}, must be noeviction: Redis may drop jobs`);
  if (value('aof_enabled') !== '1') problems.push('appendonly is off: a restart of Redis loses jobs');
  else if (value('aof_last_write_status') !== 'ok')
    problems.push('the last write to the append-only file failed: is the disk full?');
  if (value('role') === 'slave') problems.push('Redis is a read-only replica');
  return problems;
}
