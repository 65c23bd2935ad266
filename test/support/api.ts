import type { Scope } from '@bough/core/api/token.ts';
import { createToken } from '@bough/host/tokens/token-store.ts';

const branch = '/api/projects/{project}/branches/{branch}';

/** Every route of the API as it is described, with what a token must allow; `null`: any token will do. */
export const apiRoutes: readonly (readonly [method: string, path: string, scope: Scope | null])[] = [
  ['GET', '/api/projects', 'read'],
  ['GET', '/api/projects/{project}', 'read'],
  ['GET', '/api/projects/{project}/deliveries', 'read'],
  ['POST', '/api/projects/{project}/sweep', 'deploy'],
  ['GET', branch, 'read'],
  ['GET', `${branch}/releases`, 'read'],
  ['POST', `${branch}/deploy`, 'deploy'],
  ['POST', `${branch}/cancel`, 'deploy'],
  ['POST', `${branch}/rollback`, 'operate'],
  ['POST', `${branch}/pin`, 'operate'],
  ['POST', `${branch}/unpin`, 'operate'],
  ['POST', `${branch}/suspend`, 'operate'],
  ['POST', `${branch}/resume`, 'operate'],
  ['POST', `${branch}/rotate`, 'operate'],
  ['DELETE', branch, 'operate'],
  ['GET', '/api/jobs/{id}', null],
];

/** An answer of the API, read. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- what it holds is what tests look at
  readonly body: any;
  readonly ms: number;
}

/** One request to the API at `url`, with a token, or without one. */
export async function callApi(
  url: string,
  token: string | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer> {
  const from = performance.now();
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : JSON.parse(text),
    ms: performance.now() - from,
  };
}

/** A token for a receiver of the tests, whose tokens lie in `tokens`. Gives its secret. */
export async function makeToken(
  tokens: string,
  name: string,
  scopes: readonly Scope[],
  projects: readonly string[] | null = null,
  expires: string | null = null,
): Promise<string> {
  return await createToken(
    { config: { scope: 'user' }, layout: { tokens } },
    {
      name,
      scopes: [...scopes],
      projects: projects === null ? null : [...projects],
      by: 'the tests',
      at: new Date().toISOString(),
      expires,
    },
  );
}
