import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { TestCaddy } from './caddy.ts';

/** What an app made by `tell` was asked. */
export interface Told {
  readonly name: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** An app that answers with its name and what it was asked. */
export function tell(name: string): RequestListener {
  return (incoming, response) =>
    void response.end(JSON.stringify({ name, url: incoming.url, headers: incoming.headers }));
}

/** Apps behind one Caddy, as releases of deployments, and requests to them. */
export function appsBehind(caddy: TestCaddy) {
  const servers = new Set<Server>();

  async function pointAt(id: DeploymentId, target: string): Promise<void> {
    const current = caddy.layout.currentSocket(id);
    await symlink(target, `${current}.new`);
    await rename(`${current}.new`, current);
  }

  /** Listens on the socket of a release and switches the deployment to it. */
  async function serve(id: DeploymentId, seq: number, app: RequestListener): Promise<Server> {
    await mkdir(caddy.layout.sockets(id), { recursive: true });
    const path = caddy.layout.releaseSocket(id, seq, 'web');
    const server = createServer(app).listen(path);
    await once(server, 'listening');
    servers.add(server);
    await pointAt(id, path.slice(dirname(path).length + 1));
    return server;
  }

  async function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<IncomingMessage> {
    const options = { host: '127.0.0.1', port: caddy.port, path, method, headers };
    const sent = caddy.tls
      ? secureRequest({ ...options, servername: headers['Host'] ?? '', rejectUnauthorized: false })
      : request(options);
    const [incoming] = await withDeadline(once(sent.end(), 'response'), `an answer to ${path}`);
    return incoming;
  }

  return {
    pointAt,
    serve,
    ask,
    async get(path: string, headers: Record<string, string>, method?: string) {
      const incoming = await ask(path, headers, method);
      const text = Buffer.concat(await incoming.toArray()).toString();
      return answerOf(incoming.statusCode ?? 0, incoming.headers, text);
    },
    /** A request whose target or host no client library would send. */
    async sendRaw(target: string, host: string) {
      const socket = connect(caddy.port, '127.0.0.1');
      socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      const answer = Buffer.concat(await withDeadline(socket.toArray(), `an answer to ${target}`)).toString();
      const [head = '', text = ''] = answer.split('\r\n\r\n');
      return answerOf(Number(head.split(' ')[1]), {}, text);
    },
    close(): void {
      for (const server of servers) server.close();
    },
  };
}

function answerOf(status: number, headers: IncomingMessage['headers'], text: string) {
  return {
    status,
    headers,
    text,
    get app(): Told {
      assert.match(text, /^\{/, `Caddy itself answered ${status}: ${text}`);
      return JSON.parse(text);
    },
  };
}

/** The promise, or a failure that says what was waited for. */
export async function withDeadline<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = AbortSignal.timeout(20_000);
  return Promise.race([promise, once(late, 'abort').then(() => assert.fail(`waited 20 s for ${what}`))]);
}
