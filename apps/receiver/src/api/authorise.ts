import { isFor, type Scope, type Token } from '@bough/core/api/token.ts';
import type { Config } from '@bough/core/config/config.ts';
import type { Ledger } from '@bough/host/ledger/open-ledger.ts';
import type { KnownTokens } from '@bough/host/tokens/known-tokens.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Guard } from '../defence/guard.ts';
import { sourceOf } from '../defence/source-of.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The token the request came with, once it was found good. */
    token: Token | null;
  }
  interface FastifyContextConfig {
    /** What a token must allow; `any`: every token will do; `none`: it needs no token. Each route of the API says which. */
    scope?: Scope | 'any' | 'none';
  }
}

/** By what a request to the API is judged. */
export interface AuthoriseHost {
  readonly projects: Config['projects'];
  readonly tokens: KnownTokens;
  readonly guard: Pick<Guard, 'exhausted' | 'recognised' | 'refused'>;
  readonly ledger: Pick<Ledger, 'refused'>;
}

/**
 * Lets only those at the routes that are added to `app` from now on whose token allows it, before anything of a body is read, and
 * writes into the description what each needs. A route that does not say is not added. All tokens that are none are
 * answered alike, and so are a project that is not there and one the token is not for.
 */
export function authorise(app: FastifyInstance, { projects, tokens, guard, ledger }: AuthoriseHost): void {
  app.decorateRequest('token', null);
  app.addHook('onRoute', (route) => {
    const scope = route.config?.scope;
    if (scope === undefined) throw new Error(`${String(route.method)} ${route.url} does not say which scope it needs`);
    if (scope !== 'none') route.schema = { ...route.schema, security: [{ token: scope === 'any' ? [] : [scope] }] };
  });

  async function refuse(request: FastifyRequest, reply: FastifyReply, status: 401 | 429): Promise<FastifyReply> {
    const source = sourceOf(request);
    const reason =
      status === 401 ? 'no token of this API' : 'too many requests from this address were refused; wait a minute';
    if (status === 401) guard.refused(source);
    ledger.refused({ at: Date.now(), project: '', source, status, reason: `API: ${reason}`, count: 1 });
    void (status === 401 ? reply.header('www-authenticate', 'Bearer realm="Bough"') : reply.header('retry-after', 60));
    return await reply.code(status).send({ outcome: 'rejected', reason });
  }

  app.addHook('onRequest', async (request, reply) => {
    const { scope = 'any' } = request.routeOptions.config;
    if (scope === 'none') return undefined;
    const source = sourceOf(request);
    if (guard.exhausted(source)) return await refuse(request, reply, 429);
    const secret = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];
    const token = secret === undefined ? null : await tokens.find(secret);
    if (token === null) return await refuse(request, reply, 401);
    request.token = token;
    guard.recognised(source);
    if (scope !== 'any' && !token.scopes.includes(scope))
      return await reply.code(403).send({
        outcome: 'rejected',
        reason: `the token ${token.name} does not allow this: it needs the scope ${scope}`,
      });
    const project = projectOf(request.params);
    if (project !== null && (!isFor(token, project) || !Object.hasOwn(projects, project)))
      return await reply
        .code(404)
        .send({ outcome: 'rejected', reason: 'there is no such project, or the token is not for it' });
    return undefined;
  });
}

function projectOf(params: unknown): string | null {
  if (typeof params !== 'object' || params === null || !('project' in params)) return null;
  return String(params.project);
}
