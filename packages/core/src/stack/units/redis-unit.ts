import type { Config } from '../../config/config.ts';
import { ownRedisSocket } from '../redis-conf.ts';
import { stackFiles, type StackHost, stackUsers } from '../stack-host.ts';
import { exec, render } from './unit.ts';

/** What starts before whoever needs the queues, where their Redis is Bough's own. */
export function afterRedis(config: Config): string[] {
  return ownRedisSocket(config) === null ? [] : ['bough-redis.service'];
}

/** `bough-redis.service`, which listens on `socket`. */
export function redisUnit(socket: string, host: StackHost): string {
  const folder = socket.slice(0, socket.lastIndexOf('/'));
  const below = folder.startsWith(`${host.runtimeRoot}/`) ? folder.slice(host.runtimeRoot.length + 1) : null;
  return render(host, {
    description: 'Bough: the queues (Redis)',
    service: [
      'Type=notify',
      exec(host.redisServer, stackFiles(host).redisConf),
      ...(below === null ? [] : [`RuntimeDirectory=${below}`, 'RuntimeDirectoryMode=0750']),
      'TimeoutStartSec=90', // a long append-only file takes its time
      'LimitNOFILE=65536',
    ],
    confined: [
      `User=${stackUsers.redis}`,
      `Group=${stackUsers.queueGroup}`, // the socket's group
      'StateDirectory=bough-redis',
      'StateDirectoryMode=0700',
    ],
  });
}
