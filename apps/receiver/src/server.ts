import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { RedisConnection } from '@bough/host/redis/connect-producer.ts';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import { type ApiOptions, apiRoutes } from './api/api-routes.ts';
import { type BoardOptions, boardRoutes } from './board/board-routes.ts';
import { deliveriesRoutes } from './deliveries/deliveries-routes.ts';
import { answerClientError } from './client-error.ts';
import { healthRoutes } from './health/health-routes.ts';
import { type WebhookOptions, webhookRoutes } from './webhook/webhook-routes.ts';

/** All the receiver is made of. `redis` is the producer's connection: it decides whether jobs can be kept. */
export interface ServerParts {
  readonly log: FastifyBaseLogger;
  readonly redis: RedisConnection;
  readonly webhooks: Omit<WebhookOptions, 'ledger'>;
  readonly ledger: Ledger;
  readonly board: BoardOptions;
  readonly api: Omit<ApiOptions, 'projects' | 'producer' | 'guard' | 'ledger' | 'redis' | 'queues'> &
    Pick<ApiOptions, 'producer'>;
  readonly limits: ServerLimits;
}

export interface ServerLimits {
  readonly requestTimeoutSec: number;
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxies: readonly string[];
}

/** A branch's name of 255 bytes, percent-encoded. */
const longestParam = 765;

/**
 * Longer than a proxy keeps an idle connection to the receiver (Caddy 2 min, nginx 1 min): else a delivery may be sent on one
 * that is just being closed, and a proxy cannot send a POST again. Such a connection costs some KiB.
 */
const keepAliveMs = 150_000;

const nothingHere = { outcome: 'rejected', reason: 'there is nothing here' };

/** The receiver, ready to listen or to be given requests by hand (`inject`). */
export async function createServer({
  log,
  redis,
  webhooks,
  ledger,
  board,
  api,
  limits,
}: ServerParts): Promise<FastifyInstance> {
  const timeoutMs = Math.round(limits.requestTimeoutSec * 1_000);
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger, // one for each request would only add a number to its one line
    trustProxy: limits.trustProxies.length === 0 ? false : [...limits.trustProxies],
    routerOptions: { maxParamLength: longestParam },
    requestTimeout: timeoutMs, // GitHub itself hangs up after 10 s
    http: { connectionsCheckingInterval: 1_000, headersTimeout: timeoutMs }, // Node looks for late requests only this often, 30 s unless told
    keepAliveTimeout: keepAliveMs,
    connectionTimeout: 2 * timeoutMs, // of one whose answers nobody reads: nothing else would ever end it
    return503OnClosing: true,
    clientErrorHandler: answerClientError,
    // An address Fastify itself refuses (too long, badly encoded): its own answer would repeat it.
    frameworkErrors: (_error, _request, reply: FastifyReply) => void reply.code(404).send(nothingHere),
  });
  // Before the body of what leads nowhere is read and parsed.
  app.addHook('onRequest', async (request, reply) => (request.is404 ? reply.code(404).send(nothingHere) : undefined));
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send(nothingHere));
  await app.register(healthRoutes, { redis });
  await app.register(webhookRoutes, { ...webhooks, ledger });
  await app.register(apiRoutes, { ...webhooks, ...board, ...api, ledger });
  await app.register(boardRoutes, board);
  await app.register(deliveriesRoutes, { ...board, ledger });
  return app;
}
