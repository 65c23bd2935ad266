import { AppError } from '@bough/core/app-error.ts';
import { forges } from '@bough/core/forge/forges.ts';
import { readProof } from '@bough/core/forge/proof.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Guard } from '../defence/guard.ts';
import { type Answer, answerToError, rejected } from './answer.ts';
import { readHead } from './delivery-head.ts';
import { noteJobs } from './note-jobs.ts';
import { createReadBody } from './read-body.ts';
import { recordDelivery } from './record-delivery.ts';
import { isProven, refusedByHeaders } from './signature.ts';
import { type DeliveryTarget, takeDelivery } from './take-delivery.ts';

/** What the webhook routes need: the projects, all webhook secrets of each, and where jobs go. */
export interface WebhookOptions extends DeliveryTarget {
  readonly secrets: ReadonlyMap<string, readonly string[]>;
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
  const { projects, secrets, bodyLimitBytes, ledger, guard } = options;
  const readBody = createReadBody(bodyLimitBytes);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, Number(request.headers['content-length'] ?? 0)),
  );
  app.decorateRequest('delivery', null);
  app.decorateRequest('answer', null);
  app.decorateRequest('failure', null);
  app.decorateRequest('isSigned', false);
  app.decorateRequest('jobs', null);

  app.setErrorHandler(async (error, request, reply) => {
    const answer = answerToError(error);
    request.failure = causesOf(error);
    if (answer.status === 500) request.log.error({ err: error }, 'a delivery met a fault of the receiver');
    return send(request, reply, answer);
  });

  /** How a delivery to a project is proven; `null` for a project that is not there, or takes no deliveries. */
  function expected(project: string) {
    const settings = projects[project];
    const keys = secrets.get(project) ?? [];
    return settings === undefined || keys.length === 0
      ? null
      : { forge: settings.forge, adapter: forges[settings.forge], keys };
  }

  app.addHook<Params>('onRequest', async (request, reply) => {
    const { project } = request.params;
    const known = expected(project);
    const head = readHead(project, known?.forge ?? null, known?.adapter ?? forges.github, request.headers);
    request.delivery = head;
    const source = request.ip ?? 'unknown'; // a socket that is closed has forgotten it, whatever its type says
    // Not `onResponse`, which leaves out a delivery whose sender hung up.
    reply.raw.once('close', () => {
      recordDelivery(request, reply, { ...head, source }, ledger);
      if (request.isSigned) guard.delivered(source);
      else if (request.answer?.status !== 429) guard.refused(source);
    });
    const refusal = guard.refusal(source);
    if (refusal !== null) return send(request, reply, refusal);
    if (known === null) return send(request, reply, rejected(404, 'there is no such webhook'));
    const proof = readProof(known.adapter.verifications, request.headers);
    const unsigned = refusedByHeaders(proof, known.keys, Date.now() / 1000);
    if (unsigned !== null) return refuseUnsigned(request, reply, unsigned);
    const encoding = request.headers['content-encoding'] ?? 'identity';
    return encoding === 'identity'
      ? undefined
      : send(request, reply, rejected(415, 'send the body as it is signed, without a content encoding'));
  });

  app.post<Params>('/webhooks/:project', { bodyLimit: bodyLimitBytes }, async (request, reply) => {
    const known = expected(request.params.project);
    const proof = known === null ? null : readProof(known.adapter.verifications, request.headers);
    const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
    if (request.delivery === null || known === null || proof === null || !isProven(proof, known.keys, body))
      return refuseUnsigned(request, reply, 'the signature is wrong');
    request.isSigned = true;
    request.jobs = [];
    const producer = noteJobs(options.producer, request.jobs);
    return send(request, reply, await takeDelivery(request.delivery, body, { ...options, producer }));
  });
}

/** Bytes; GitHub sends up to 25 MiB. */
const largestWaste = 32 << 20;
/** Time for an answer to be read by somebody who is still sending. */
const lingerMs = 1_000;

/** Why is for the log: whoever cannot sign is not told what would be right. */
function refuseUnsigned(request: FastifyRequest, reply: FastifyReply, why: string): FastifyReply {
  request.failure = why;
  return send(request, reply, rejected(401, 'not signed with a secret of this webhook'));
}

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
