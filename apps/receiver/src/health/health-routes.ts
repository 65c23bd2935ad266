import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import { observeRedis } from '@bough/host/redis/observe-redis.ts';
import type { FastifyInstance } from 'fastify';

/** `GET /healthz`: the process is up. `GET /readyz`: jobs can be kept; 503 with every reason why not. */
export async function healthRoutes(app: FastifyInstance, { redis }: { redis: RedisConnection }): Promise<void> {
  app.get('/healthz', async () => ({ outcome: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const problems = await observeRedis(redis);
    if (problems.length === 0) return { outcome: 'ready' };
    return reply
      .code(503)
      .header('retry-after', 10)
      .send({ outcome: 'unavailable', reason: problems.join('; ') });
  });
}
