import { mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { AppError } from '@bough/core/app-error.ts';
import { toControlFailure } from '@bough/core/control/control-failure.ts';
import { schemaProblems } from '@bough/core/schema-problems.ts';
import type { Logger } from 'pino';
import { hostTrouble } from '../host-trouble.ts';
import { createServer } from '../node-http.ts';
import type * as z from 'zod';

/** Answers one kind of request. `asker` is aborted when nobody waits for the answer any more. */
export type ControlHandler = (body: unknown, asker: AbortSignal) => Promise<object>;

/** The handlers by method and path: `POST /operations`. */
export type ControlRoutes = Readonly<Record<string, ControlHandler>>;

/** A control socket that is served. */
export interface Control {
  /** No new requests; the socket is gone. Call it while holding the worker lock: another worker has the same path. */
  close(): Promise<void>;
}

const maxBody = 64 * 1024;

/** A handler for bodies of one shape; others are refused before it is asked. */
export function withBody<S extends z.ZodType>(
  schema: S,
  handle: (body: z.infer<S>, asker: AbortSignal) => Promise<object>,
): ControlHandler {
  return async (body, asker) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success)
      throw new AppError('OPERATION_REFUSED', `it is not well formed: ${schemaProblems(parsed.error).join('; ')}`);
    return await handle(parsed.data, asker);
  };
}

/**
 * Serves requests on a unix socket only its owner can reach: whoever gets in may do everything. What a worker that died
 * left at the path is replaced, so call it only while holding the worker lock.
 */
export async function serveControl(path: string, routes: ControlRoutes, log: Logger): Promise<Control> {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  const server = createServer((request, response) => void answer(request, response, routes, log));
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.once('listening', resolve);
  const umask = process.umask(0o177); // listen() binds before it returns, and a mode set later would be too late
  server.listen(path);
  process.umask(umask);
  await listening;
  server.on('error', (err) => log.error({ err }, 'the control socket has a problem'));

  return {
    async close() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: ControlRoutes,
  log: Logger,
): Promise<void> {
  const asker = new AbortController();
  response.on('close', () => asker.abort());
  const route = `${request.method} ${request.url}`;
  const reply = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  };
  try {
    const handle = routes[route];
    if (handle === undefined)
      return reply(404, toControlFailure(new AppError('OPERATION_REFUSED', `there is no ${route}`)));
    reply(200, await handle(await bodyOf(request), asker.signal));
  } catch (thrown) {
    if (asker.signal.aborted) return;
    const error = hostTrouble(thrown) ?? thrown;
    if (!(error instanceof AppError)) log.error({ err: error, route }, 'a request at the control socket failed');
    reply(error instanceof AppError && error.action === 'reject' ? 422 : 503, toControlFailure(error));
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > maxBody)
    throw new AppError('OPERATION_REFUSED', `it is larger than ${maxBody} bytes`);
  const body = await text(request);
  try {
    return body === '' ? null : JSON.parse(body);
  } catch (cause) {
    throw new AppError('OPERATION_REFUSED', 'it is not JSON', { cause });
  }
}
