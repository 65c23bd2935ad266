import { text } from 'node:stream/consumers';
import { AppError } from '@bough/core/app-error.ts';
import { ControlFailure, fromControlFailure } from '@bough/core/control/control-failure.ts';
import { request } from '../node-http.ts';

/** What the worker answered; `null`: no worker listens at the path. */
export type Answer = { readonly body: unknown } | null;

/**
 * Asks the worker for something over its control socket.
 * @throws AppError of the worker's failure; WORKER_UNREACHABLE when it does not let us in or does not answer in time
 */
export async function askWorker(path: string, route: string, body: unknown, timeoutMs: number): Promise<Answer> {
  const reply = await send(path, route, JSON.stringify(body), timeoutMs);
  if (reply === null) return null;
  const value = parse(reply.text);
  if (reply.status === 200) return { body: value };
  const failure = ControlFailure.safeParse(value);
  throw failure.success
    ? fromControlFailure(failure.data)
    : new AppError(
        'WORKER_UNREACHABLE',
        `the worker answered ${reply.status} to ${route}, and nothing that can be read`,
      );
}

function send(
  socketPath: string,
  route: string,
  body: string,
  timeoutMs: number,
): Promise<{ status: number; text: string } | null> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string } | null>();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request({ socketPath, path, method, headers, agent: false, signal });
  const fail = (cause: Error & { code?: string }) => {
    if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED') return resolve(null);
    reject(new AppError('WORKER_UNREACHABLE', whyNot(socketPath, cause, signal.aborted, timeoutMs), { cause }));
  };
  sent.on('error', fail);
  sent.on('response', (response) => {
    text(response).then(
      (answer) => resolve({ status: response.statusCode ?? 0, text: answer }),
      (cause: unknown) => fail(cause instanceof Error ? cause : new Error(String(cause))),
    );
  });
  sent.end(body);
  return promise;
}

function whyNot(path: string, cause: Error & { code?: string }, isLate: boolean, timeoutMs: number): string {
  if (isLate)
    return `the worker did not answer at ${path} within ${timeoutMs / 1000} s; it may be frozen, or still at it`;
  if (cause.code === 'EACCES' || cause.code === 'EPERM')
    return `${path} belongs to another user; run this as the user the worker runs as (sudo)`;
  return `the worker at ${path} broke off before its answer; it may have been stopped`;
}

function parse(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return null;
  }
}
