import type { Config } from '../config/config.ts';
import { ownRedisSocket } from './redis-conf.ts';
import type { StackHost } from './stack-host.ts';
import { caddyUnit } from './units/caddy-unit.ts';
import { receiverUnit } from './units/receiver-unit.ts';
import { redisUnit } from './units/redis-unit.ts';
import { restoreUnit } from './units/restore-unit.ts';
import { builders, nixConfig, sliceUnit } from './units/slices.ts';
import { workerUnit } from './units/worker-unit.ts';

/** Bough's own units, text by name, in the order they start in. Without `bough-redis.service` where Redis is not ours. */
export function renderStackUnits(config: Config, host: StackHost): Map<string, string> {
  const socket = ownRedisSocket(config);
  return new Map([
    ['bough-previews.slice', sliceUnit('Bough: all previews together', config.previews)],
    ['bough-production.slice', sliceUnit('Bough: all production branches together', config.productions)],
    ...(socket === null ? [] : [['bough-redis.service', redisUnit(socket, host)] as const]),
    ['bough-restore.service', restoreUnit(config, host)],
    ['bough-caddy.service', caddyUnit(config, host)],
    ['bough-receiver.service', receiverUnit(config, host)],
    ['bough-worker.service', workerUnit(config, host)],
    ...(host.scope === 'system' ? [...builders(config), ...nixConfig(host)] : []),
  ]);
}
