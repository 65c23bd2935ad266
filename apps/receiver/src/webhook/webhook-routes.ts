import { AppError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import type { BranchLine } from '@bough/core/ledger/delivery-line.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { type Guard, tooMany } from '../defence/guard.ts';
import { sourceOf } from '../defence/source-of.ts';
import { type Answer, answerToError, rejected } from './answer.ts';
import { readHead } from './delivery-head.ts';
import { noteJobs } from './note-jobs.ts';
import { createReadBody } from './read-body.ts';
import { recordDelivery } from './record-delivery.ts';
import { isProven, refusedByHeaders } from './signature.ts';
import { type DeliveryProducer, takeDelivery } from './take-delivery.ts';
import { answerToTest, mayBeTest } from './unsigned-test.ts';
import { createWebhooks } from './webhook.ts';

/** What the webhook routes need: the projects, all webhook secrets of each, and where jobs go. */
export interface WebhookOptions {
  readonly projects: Config['projects'];
  readonly secrets: ReadonlyMap<string, readonly string[]>;
  readonly producer: DeliveryProducer;
  readonly bodyLimitBytes: number;
  readonly ledger: Pick<Ledger, 'delivered' | 'refused'>;
  readonly guard: Guard;
}

type Params = { Params: { project: string } };

/**
 * `POST /webhooks/:project`. Nothing of a delivery is parsed before the proof of its forge over the raw bytes was found right;
 * what the headers alone show to be wrong is refused before the body is read.
 */
export async function webhookRoutes(app: FastifyInstance, options: WebhookOptions): Promise<void> {
  const { bodyLimitBytes, ledger, guard } = options;
  const webhooks = createWebhooks(options.projects, options.secrets);
  const readBody = createReadBody(bodyLimitBytes);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, { bytes: bytesOf(request), isKnown: guard.knows(sourceOf(request)) }),
  );
  app.decorateRequest('delivery', null);
  app.decorateRequest('answer', null);
  app.decorateRequest('failure', null);
  app.decorateRequest('isSigned', false);
  app.decorateRequest('isSuspect', false);
  app.decorateRequest('told', null);

  app.setErrorHandler(async (error, request, reply) => {
    const answer = answerToError(error);
    request.failure = causesOf(error);
    if (answer.status === 500) request.log.error({ err: error }, 'a delivery met a fault of the receiver');
    return request.isSigned ? send(request, reply, answer) : refuse(request, reply, answer);
  });

  app.addHook<Params>('onRequest', async (request, reply) => {
    const { project } = request.params;
    const head = readHead(project, webhooks.get(project) ?? null, request.headers);
    request.delivery = head;
    const source = sourceOf(request);
    // Not `onResponse`, which leaves out a delivery whose sender hung up.
    reply.raw.once('close', () => {
      recordDelivery(request, reply, { ...head, source }, ledger);
      if (request.isSigned) guard.delivered(source);
      else if (request.answer?.status !== 429) guard.refused(source);
    });
    const { webhook, proof } = head;
    const refusal = guard.refusal(source);
    if (refusal !== null) return send(request, reply, refusal);
    request.isSuspect = guard.suspects(source);
    if (webhook === null) return refuse(request, reply, rejected(404, 'there is no such webhook'));
    const unsigned = refusedByHeaders(proof, webhook.keys, Date.now() / 1000);
    if (unsigned !== null && (request.isSuspect || !mayBeTest(webhook.adapter, request.headers)))
      return refuseUnsigned(request, reply, unsigned);
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
      return refuse(request, reply, rejected(415, 'send the body as it is signed, without a content encoding'));
    if (!request.isSuspect) return undefined;
    if (!guard.suspected.begin(source, bytesOf(request))) return send(request, reply, tooMany);
    reply.raw.once('close', () => guard.suspected.done(source));
    return undefined;
  });

  app.post<Params>('/webhooks/:project', { bodyLimit: bodyLimitBytes }, async (request, reply) => {
    const { delivery: head } = request;
    const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
    if (head === null || head.webhook === null)
      return refuse(request, reply, rejected(404, 'there is no such webhook'));
    const { webhook, proof } = head;
    if (proof === null) {
      const answer = answerToTest(webhook.adapter, body);
      return answer === null
        ? refuseUnsigned(request, reply, 'the signature is missing')
        : send(request, reply, answer);
    }
    if (!isProven(proof, webhook.keys, body)) return refuseUnsigned(request, reply, 'the signature is wrong');
    request.isSigned = true;
    const told: BranchLine[] = [];
    request.told = told;
    const producer = noteJobs(options.producer, told);
    return send(request, reply, await takeDelivery(head, webhook, body, producer, (line) => told.push(line)));
  });
}

/** How many bytes a request says its body has; NaN where it does not. */
function bytesOf({ headers }: FastifyRequest): number {
  return Number(headers['content-length']);
}

/** Why is for the log: whoever cannot sign is not told what would be right. */
function refuseUnsigned(request: FastifyRequest, reply: FastifyReply, why: string): FastifyReply {
  request.failure = why;
  return refuse(request, reply, rejected(401, 'not signed with a secret of this webhook'));
}

/** Refuses what was not signed well. Whose address was refused too often is told just that. */
function refuse(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  return send(request, reply, request.isSuspect ? tooMany : answer);
}

/** Bytes; GitHub sends up to 25 MiB. */
const largestWaste = 32 << 20;
/** Time for an answer to be read by somebody who is still sending. */
const lingerMs = 1_000;

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  request.answer = answer;
  const { status, ...body } = answer;
  if (status === 503) void reply.header('retry-after', 10);
  if (status === 429) void reply.header('retry-after', 60);
  void reply.code(status);
  if (!request.raw.complete) endBody(request, reply);
  return reply.send(body);
}

/**
 * Closing on a sender that is still writing loses it the answer, so what is left of a body is read and thrown away by Node.
 * The rest of one that no forge would send, whose end is not known, or that was too large to read, is left: the connection
 * ends once there was time to read the answer. Where too much is held of others (503) it ends at once.
 */
function endBody({ raw, headers }: FastifyRequest, reply: FastifyReply): void {
  const failed = reply.getHeader('connection') === 'close'; // so Fastify says when reading a body failed
  if (failed ? reply.statusCode === 503 : Number(headers['content-length']) <= largestWaste) return;
  void reply.removeHeader('connection');
  reply.raw.once('finish', () => {
    const cut = setTimeout(() => raw.destroy(), lingerMs);
    raw.once('close', () => clearTimeout(cut));
  });
}

/** The messages from the error down to its first cause. */
function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof AppError ? `${error.code}: ` : '';
  return code + error.message + (error.cause === undefined ? '' : ` <- ${causesOf(error.cause)}`);
}
