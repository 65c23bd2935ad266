import { AppError } from '@bough/core/app-error.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, answerToError, rejected } from './answer.ts';
import { isSignature, isSignedBy } from './signature.ts';
import { type DeliveryTarget, takeDelivery } from './take-delivery.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the forge was told, for the log, and the failure behind it. */
    answer: Answer | null;
    failure: string | null;
  }
}

/** What the webhook routes need: the projects, all webhook secrets of each, and where jobs go. */
export interface WebhookOptions extends DeliveryTarget {
  readonly secrets: ReadonlyMap<string, readonly string[]>;
  readonly bodyLimitBytes: number;
}

type Params = { Params: { project: string } };

/** `POST /webhooks/:project`. Nothing of a delivery is parsed before its signature over the raw bytes was found right. */
export async function webhookRoutes(app: FastifyInstance, options: WebhookOptions): Promise<void> {
  const { secrets, bodyLimitBytes } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.decorateRequest('answer', null);
  app.decorateRequest('failure', null);

  app.setErrorHandler(async (error, request, reply) => {
    const answer = answerToError(error);
    request.failure = causesOf(error);
    if (answer.status === 500) request.log.error({ err: error }, 'a delivery met a fault of the receiver');
    return send(request, reply, answer);
  });

  app.addHook<Params>('onRequest', async (request, reply) => {
    // Not `onResponse`, which leaves out a delivery whose sender hung up.
    reply.raw.once('close', () => logDelivery(request, reply));
    if (!secrets.has(request.params.project)) return send(request, reply, rejected(404, 'there is no such webhook'));
    if (!isSignature(signatureOf(request)))
      return send(request, reply, rejected(401, 'the signature is missing or malformed'));
    return undefined;
  });

  app.post<Params>('/webhooks/:project', { bodyLimit: bodyLimitBytes }, async (request, reply) => {
    const { project } = request.params;
    const signature = signatureOf(request);
    const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
    if (!isSignature(signature) || !isSignedBy(secrets.get(project) ?? [], body, signature)) {
      return send(request, reply, rejected(401, 'the signature is wrong'));
    }
    const delivery = {
      project,
      id: header(request, 'x-github-delivery'),
      event: header(request, 'x-github-event'),
      body,
    };
    return send(request, reply, await takeDelivery(delivery, options));
  });
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  request.answer = answer;
  const { status, ...body } = answer;
  if (status === 503) void reply.header('retry-after', 10);
  return reply.code(status).send(body);
}

/** The one line of a delivery. */
function logDelivery(request: FastifyRequest<Params>, reply: FastifyReply): void {
  const answer = reply.raw.writableFinished ? request.answer : null;
  request.log.info(
    {
      delivery: header(request, 'x-github-delivery')?.slice(0, 128),
      project: request.params.project.slice(0, 64),
      event: header(request, 'x-github-event')?.slice(0, 64),
      status: answer?.status,
      outcome: answer?.outcome ?? 'unanswered',
      reason: answer === null ? 'the connection ended first' : answer.reason,
      job: request.answer?.job,
      failure: request.failure ?? undefined,
      ms: Math.round(reply.elapsedTime),
    },
    'delivery answered',
  );
}

function signatureOf(request: FastifyRequest): string | undefined {
  return header(request, 'x-hub-signature-256');
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** The messages from the error down to its first cause. */
function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof AppError ? `${error.code}: ` : '';
  return code + error.message + (error.cause === undefined ? '' : ` <- ${causesOf(error.cause)}`);
}
