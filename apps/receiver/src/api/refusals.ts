import { AppError } from '@bough/core/app-error.ts';
import type { Refusal } from '@bough/core/api/answers.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

/** Something that was asked for is not there. */
export function notThere(reply: FastifyReply, reason: string): FastifyReply {
  return reply.code(404).send({ outcome: 'rejected', reason } satisfies Refusal);
}

/** Redis keeps it, or had kept it, and not now. */
export function unavailable(reply: FastifyReply, reason: string): FastifyReply {
  return reply
    .code(503)
    .header('retry-after', 10)
    .send({ outcome: 'unavailable', reason } satisfies Refusal);
}

/** Answers what went wrong, as far as it is the business of whoever asked. */
export async function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problems = error.validation.map(
      ({ instancePath, message }) =>
        `${error.validationContext ?? 'request'}${instancePath.replaceAll('/', '.')}: ${message ?? 'is not valid'}`,
    );
    return await reply.code(400).send({ outcome: 'rejected', reason: 'the request is not valid', problems });
  }
  if (error instanceof AppError && error.code === 'QUEUE_UNAVAILABLE') {
    request.log.warn({ err: error, route: request.routeOptions.url }, 'Redis could not be asked for the API');
    return unavailable(reply, 'the queues cannot be reached now; ask again, the log of the receiver says why');
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500)
    return await reply
      .code(status)
      .send({ outcome: 'rejected', reason: explanations[status] ?? 'the request is not valid' });
  request.log.error(
    { err: error, route: request.routeOptions.url },
    'a request to the API met a fault of the receiver',
  );
  return await reply.code(500).send({ outcome: 'unavailable', reason: 'the receiver failed; its log says why' });
}

const explanations: Record<number, string> = {
  400: 'the body is not JSON',
  413: 'the body is too large',
  415: 'send the body as application/json',
};
