import { AppError } from '@bough/core/app-error.ts';
import { forges } from '@bough/core/forge/forges.ts';
import { readProof } from '@bough/core/forge/proof.ts';
import { printable } from '@bough/core/text/printable.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, answerToError, rejected } from './answer.ts';
import { type DeliveryHead, readHead } from './delivery-head.ts';
import { isProven, refusedByHeaders } from './signature.ts';
import { type DeliveryTarget, takeDelivery } from './take-delivery.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request says it is. */
    delivery: DeliveryHead | null;
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

/**
 * `POST /webhooks/:project`. Nothing of a delivery is parsed before the proof of its forge over the raw bytes was found right;
 * what the headers alone show to be wrong is refused before the body is read.
 */
export async function webhookRoutes(app: FastifyInstance, options: WebhookOptions): Promise<void> {
  const { projects, secrets, bodyLimitBytes } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.decorateRequest('delivery', null);
  app.decorateRequest('answer', null);
  app.decorateRequest('failure', null);

  app.setErrorHandler(async (error, request, reply) => {
    const answer = answerToError(error);
    request.failure = causesOf(error);
    if (answer.status === 500) request.log.error({ err: error }, 'a delivery met a fault of the receiver');
    return send(request, reply, answer);
  });

  app.addHook<Params>('onRequest', async (request, reply) => {
    const { project } = request.params;
    const keys = secrets.get(project) ?? [];
    const settings = keys.length === 0 ? undefined : projects[project];
    const forge = settings === undefined ? null : forges[settings.forge];
    const head = readHead(project, settings?.forge ?? null, forge, request.headers);
    request.delivery = head;
    // Not `onResponse`, which leaves out a delivery whose sender hung up.
    reply.raw.once('close', () => logDelivery(head, request, reply));
    if (forge === null) return send(request, reply, rejected(404, 'there is no such webhook'));
    const refusal = refusedByHeaders(readProof(forge.verifications, request.headers), keys, Date.now() / 1000);
    return refusal === null ? undefined : send(request, reply, rejected(401, refusal));
  });

  app.post<Params>('/webhooks/:project', { bodyLimit: bodyLimitBytes }, async (request, reply) => {
    const { project } = request.params;
    const settings = projects[project];
    const proof = settings === undefined ? null : readProof(forges[settings.forge].verifications, request.headers);
    const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
    if (request.delivery === null || proof === null || !isProven(proof, secrets.get(project) ?? [], body)) {
      return send(request, reply, rejected(401, 'the signature is wrong'));
    }
    return send(request, reply, await takeDelivery(request.delivery, body, options));
  });
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  request.answer = answer;
  const { status, ...body } = answer;
  if (status === 503) void reply.header('retry-after', 10);
  return reply.code(status).send(body);
}

/** The one line of a delivery. */
function logDelivery(head: DeliveryHead, request: FastifyRequest, reply: FastifyReply): void {
  const answer = reply.raw.writableFinished ? request.answer : null;
  request.log.info(
    {
      forge: head.forge ?? undefined,
      delivery: head.id === undefined ? undefined : printable(head.id, 128),
      project: printable(head.project, 64),
      event: head.event === undefined ? undefined : printable(head.event, 64),
      status: answer?.status,
      outcome: answer?.outcome ?? 'unanswered',
      reason: answer === null ? 'the connection ended first' : answer.reason,
      job: request.answer?.job,
      refs: request.answer?.refs,
      failure: request.failure ?? undefined,
      ms: Math.round(reply.elapsedTime),
    },
    'delivery answered',
  );
}

/** The messages from the error down to its first cause. */
function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof AppError ? `${error.code}: ` : '';
  return code + error.message + (error.cause === undefined ? '' : ` <- ${causesOf(error.cause)}`);
}
