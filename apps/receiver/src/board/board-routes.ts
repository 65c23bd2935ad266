import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import type { FastifyInstance } from 'fastify';
import { type BoardLogin, forPeople } from './for-people.ts';
import { jobTitle } from '@bough/core/queue/job-title.ts';
import { boardRefusal, retryRefusal } from './refusal.ts';

/** What the board needs. `queues` are over `redis`, a connection of its own: looking at jobs must not delay deliveries. */
export interface BoardOptions extends BoardLogin {
  readonly redis: RedisConnection;
  readonly queues: Queues;
}

const path = '/board';

/** Bull Board at /board: behind a password, on its own origin, reading and retrying only. */
export async function boardRoutes(app: FastifyInstance, { redis, queues, ...login }: BoardOptions): Promise<void> {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(path);
  createBullBoard({
    queues: [queues.build, queues.reconcile, queues.sweep, queues.operate].map(shown),
    serverAdapter: adapter,
    options: {
      uiConfig: { boardTitle: 'Bough', hideRedisDetails: true, hideDocsLink: true },
      handlerHooks: {
        async before({ method, route, request: { params } }) {
          const message = boardRefusal(method, route) ?? (await whyNotAgain(queues, route, params));
          if (method !== 'get')
            app.log.info({ action: `${method} ${route}`, ...params, refused: message !== null }, 'board action');
          return message === null ? { allow: true } : { allow: false, status: 403, message };
        },
      },
    },
  });

  await forPeople(app, login);
  app.addHook('onError', async (request, reply, error) => {
    if (reply.statusCode >= 500) request.log.warn({ err: error, url: request.url }, 'the board could not be shown');
  });
  app.addHook('onRequest', async (request, reply) => {
    // BullMQ waits for a first connection for ever.
    if (request.url.startsWith(`${path}/api/`) && redis.status !== 'ready') {
      return reply
        .code(503)
        .header('retry-after', 10)
        .send({ outcome: 'unavailable', reason: 'Redis is not connected' });
    }
    return undefined;
  });
  await app.register(adapter.registerPlugin(), { prefix: path });
}

async function whyNotAgain(
  { operate }: Queues,
  route: string,
  { queueName, jobId }: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  if (queueName !== operate.name || jobId === undefined) return null;
  return retryRefusal(route, queueName, await operate.getJobState(jobId));
}

function shown(queue: Queues[Exclude<keyof Queues, 'close' | 'redis'>]): BullMQAdapter {
  const adapter = new BullMQAdapter(queue);
  adapter.setFormatter('name', jobTitle);
  return adapter;
}
