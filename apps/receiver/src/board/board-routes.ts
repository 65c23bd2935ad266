import basicAuth from '@fastify/basic-auth';
import helmet from '@fastify/helmet';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queues } from '@bough/host/queue/create-queues.ts';
import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import type { FastifyInstance } from 'fastify';
import { equalInConstantTime } from './credentials.ts';
import { isForeignWrite } from './foreign-write.ts';
import { jobTitle } from './job-title.ts';
import { boardRefusal } from './refusal.ts';

/** What the board needs. `queues` are over `redis`, a connection of its own: looking at jobs must not delay deliveries. */
export interface BoardOptions {
  readonly user: string;
  readonly password: string;
  readonly redis: RedisConnection;
  readonly queues: Queues;
}

const path = '/board';

/** Bull Board at /board: behind a password, on its own origin, reading and retrying only. */
export async function boardRoutes(
  app: FastifyInstance,
  { user, password, redis, queues }: BoardOptions,
): Promise<void> {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(path);
  createBullBoard({
    queues: [queues.build, queues.reconcile].map(shown),
    serverAdapter: adapter,
    options: {
      uiConfig: { boardTitle: 'Bough', hideRedisDetails: true, hideDocsLink: true },
      handlerHooks: {
        before({ method, route, request }) {
          const message = boardRefusal(method, route);
          if (method !== 'get')
            app.log.info(
              { action: `${method} ${route}`, ...request.params, refused: message !== null },
              'board action',
            );
          return message === null ? { allow: true } : { allow: false, status: 403, message };
        },
      },
    },
  });

  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    strictTransportSecurity: false,
  });
  await app.register(basicAuth, {
    authenticate: { realm: 'Bough' },
    async validate(givenUser, givenPassword) {
      const rightUser = equalInConstantTime(givenUser, user);
      const rightPassword = equalInConstantTime(givenPassword, password);
      if (!rightUser || !rightPassword) throw Object.assign(new Error('wrong user or password'), { statusCode: 401 });
    },
  });

  app.addHook('onRequest', app.basicAuth);
  app.addHook('onError', async (request, reply, error) => {
    if (reply.statusCode >= 500) request.log.warn({ err: error, url: request.url }, 'the board could not be shown');
  });
  app.addHook('onRequest', async (request, reply) => {
    if (isForeignWrite(request.method, request.headers)) {
      return reply.code(403).send({ outcome: 'rejected', reason: 'writes must come from the board itself' });
    }
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

function shown(queue: Queues['build'] | Queues['reconcile']): BullMQAdapter {
  const adapter = new BullMQAdapter(queue);
  adapter.setFormatter('name', jobTitle);
  return adapter;
}

/** Everything from ourselves; the page's own styles are inline. Google Fonts, the page's one other link, is blocked. */
const contentSecurityPolicy = {
  'default-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'object-src': ["'none'"],
};
