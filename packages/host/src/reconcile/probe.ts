import { request } from '../node-http.ts';

/** What a health request got: a status, or why there was none. */
export type Probe = { readonly status: number } | { readonly error: string };

/**
 * One GET over a unix socket. All of it, the body included, ends after `timeoutMs` or with `signal`: what drips does not
 * hold it up. Redirects are not followed: a 3xx is an answer.
 */
export function probe(
  socketPath: string,
  path: string,
  host: string,
  timeoutMs = 5_000,
  signal?: AbortSignal,
): Promise<Probe> {
  const late = AbortSignal.timeout(Math.ceil(timeoutMs));
  return new Promise((resolve) => {
    const sent = request({
      socketPath,
      path,
      method: 'GET',
      headers: { host, 'user-agent': 'bough-health' },
      agent: false,
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
    });
    sent.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
      response.on('error', () => undefined); // the status is all we asked for
    });
    sent.on('error', (error) =>
      resolve({
        error: error.name === 'AbortError' ? `no answer within ${Math.ceil(timeoutMs / 1000)} s` : error.message,
      }),
    );
    sent.end();
  });
}
