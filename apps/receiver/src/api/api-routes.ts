import type { FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { authorise, type AuthoriseHost } from './authorise.ts';
import { describeApi } from './describe-api.ts';
import { type LookOptions, lookRoutes } from './look-routes.ts';
import { type OperationOptions, operationRoutes } from './operation-routes.ts';
import { answerError } from './refusals.ts';

/** What the API needs. */
export type ApiOptions = AuthoriseHost & LookOptions & OperationOptions;

const largestBody = 16_384;

/** The HTTP API, at `/api`. One set of schemas checks requests, writes answers, and describes both at `/api/openapi.json`. */
export async function apiRoutes(app: FastifyInstance, options: ApiOptions): Promise<void> {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  app.addHook('onRoute', (route) => void (route.bodyLimit = largestBody));
  const parseJson = app.getDefaultJsonParser('error', 'error');
  // A body may be left out, and many a client says of none that it is JSON.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) =>
    text === '' ? done(null) : parseJson(request, String(text), done),
  );
  authorise(app, options);
  await describeApi(app);
  await lookRoutes(app, options);
  await operationRoutes(app, options);

  let description: string | null = null; // made when it is asked for: most receivers never are
  app.get('/api/openapi.json', { config: { scope: 'none' }, schema: { hide: true } }, async (_request, reply) => {
    description ??= JSON.stringify(app.swagger());
    return await reply.type('application/json').send(description);
  });
}
