import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import * as z from 'zod';

/** Gathers the routes that are added to `app` from now on into one description, which `app.swagger()` gives. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  /** The operations whose body may be left out, by their id. The plugin describes each body as one that may not. */
  const bodiless = new Set<string>();

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bough',
        version: '1',
        description:
          'Every branch of a git repository live on one host: what it is doing, and what it is to do. What is asked for is done by the worker: the answer names a job, and the job tells what became of it.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'The receiver this description comes from.' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'Made by `bough token create`.' },
        },
      },
    },
    transform: (route) => {
      const { body, operationId } = route.schema;
      if (operationId !== undefined && body instanceof z.ZodType && body.safeParse(undefined).success)
        bodiless.add(operationId);
      return jsonSchemaTransform(route);
    },
    transformObject: (described) => {
      if (!('openapiObject' in described)) return described.swaggerObject;
      for (const path of Object.values(described.openapiObject.paths ?? {}))
        for (const { operationId = '', requestBody = {} } of [path?.post ?? {}, path?.delete ?? {}])
          if ('required' in requestBody && bodiless.has(operationId)) requestBody.required = false;
      return described.openapiObject;
    },
  });
}
