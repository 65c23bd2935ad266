import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { receiverFlags } from '@bough/core/stack/units/receiver-unit.ts';
import { until } from './until.ts';

const main = join(import.meta.dirname, '../../apps/receiver/src/main.ts');

/** What one delivery is made of. Each has a default that makes it a good one. */
export interface DeliveryParts {
  readonly project?: string;
  readonly event?: string | null;
  readonly delivery?: string | null;
  readonly secret?: string;
  /** The whole signature header, instead of one made with `secret`; `null` for none. */
  readonly signature?: string | null;
  readonly contentType?: string;
  readonly encoding?: string | null;
  /** What a proxy would say it comes from. */
  readonly source?: string | null;
}

interface AnsweredEnding {
  readonly outcome?: string;
  readonly reason?: string;
  readonly job?: string;
}

/** A project beside `demo` and `other`: its secrets, and what else is to be set. */
export interface TestProject {
  readonly secrets: readonly string[];
  readonly settings: Record<string, unknown>;
}

/** An answer, read. */
export interface TakenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnsweredEnding & { readonly refs?: readonly (AnsweredEnding & { readonly ref: string })[] };
  readonly ms: number;
}

/** A receiver in a process of its own, as its unit would start it. */
export interface TestReceiver extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** The file of its ledger. */
  readonly ledger: string;
  /** The folder of its tokens. */
  readonly tokens: string;
  readonly board: { readonly user: string; readonly password: string };
  /** Every line logged so far, parsed. */
  readonly log: readonly Record<string, unknown>[];
  /** Sends a delivery, signed for project `demo` unless told otherwise. Objects are sent as JSON. */
  deliver(payload: unknown, parts?: DeliveryParts): Promise<TakenAnswer>;
  /** Sends a body to the webhook of a project with just these headers. */
  send(project: string, headers: Record<string, string>, body: string | Uint8Array): Promise<TakenAnswer>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** The secrets of project `demo`: the new one and the old one of a rotation. */
export const secrets = ["It's a Secret to Everybody", 'the one before'] as const;

/** Starts a receiver and waits until it answers. `receiver` is put over its settings. */
export async function startReceiver(
  redisUrl: string,
  projects: Readonly<Record<string, TestProject>> = {},
  receiver: object = {},
): Promise<TestReceiver> {
  const folder = await mkdtemp(join(tmpdir(), 'bough-receiver-'));
  const port = await freePort();
  const board = { user: 'bough', password: randomUUID() };
  const config = await writeConfig(folder, redisUrl, port, board.password, projects, receiver);
  const child = spawn(process.execPath, [...receiverFlags, main, config], { stdio: ['ignore', 'pipe', 'inherit'] });
  const log: Record<string, unknown>[] = [];
  createInterface(child.stdout).on('line', (line) => log.push(JSON.parse(line)));
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await until('the receiver answers', () => isUp(url)).catch((error: unknown) => {
    child.kill('SIGKILL'); // or the tests would never end
    throw error;
  });

  async function stop(): Promise<number | null> {
    child.kill('SIGTERM');
    await ended;
    return child.exitCode;
  }

  return {
    url,
    pid: child.pid ?? 0,
    ledger: join(folder, 'state-receiver/deliveries.db'),
    tokens: join(folder, 'state-tokens'),
    board,
    log,
    deliver: (payload, parts = {}) => deliver(url, payload, parts),
    send: (to, headers, body) => send(url, to, headers, body),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeConfig(
  folder: string,
  redisUrl: string,
  port: number,
  boardPassword: string,
  projects: Readonly<Record<string, TestProject>>,
  receiver: object,
): Promise<string> {
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const project = {
    remote: '/nowhere/demo.git',
    url: 'http://localhost:8080',
    exclude: ['wip/**'],
    webhookSecretFiles: await Promise.all(secrets.map((secret, index) => file(`secret-${index}`, `${secret}\n`))),
  };
  const others = Object.entries(projects).map(async ([name, { secrets: own, settings }]) => [
    name,
    {
      ...project,
      url: `http://${name}.localhost:8080`,
      webhookSecretFiles: await Promise.all(own.map((secret, index) => file(`${name}-${index}`, `${secret}\n`))),
      ...settings,
    },
  ]);
  const config = {
    scope: 'user',
    stateDir: join(folder, 'state'),
    redis: { url: redisUrl },
    receiver: { port, ...receiver },
    board: { passwordFile: await file('board', boardPassword) },
    projects: {
      demo: project,
      other: {
        ...project,
        url: 'http://other.localhost:8080',
        webhookSecretFiles: [await file('other', 'of the other project')],
      },
      ...Object.fromEntries(await Promise.all(others)),
    },
  };
  return file('config.json', JSON.stringify(config));
}

async function deliver(url: string, payload: unknown, parts: DeliveryParts): Promise<TakenAnswer> {
  const body = typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
  const {
    project = 'demo',
    event = 'push',
    delivery = randomUUID(),
    secret = secrets[0],
    contentType = 'application/json',
  } = parts;
  const signature = parts.signature === undefined ? sign(secret, body) : parts.signature;
  const headers = Object.entries({
    'content-type': contentType,
    'content-encoding': parts.encoding ?? null,
    'x-forwarded-for': parts.source ?? null,
    'x-github-event': event,
    'x-github-delivery': delivery,
    'x-hub-signature-256': signature,
  }).filter((entry): entry is [string, string] => entry[1] !== null);

  return send(url, project, Object.fromEntries(headers), body);
}

async function send(
  url: string,
  project: string,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Promise<TakenAnswer> {
  const start = performance.now();
  const response = await fetch(`${url}/webhooks/${project}`, { method: 'POST', headers, body: Buffer.from(body) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text), ms: performance.now() - start };
}

/** The signature header GitHub sends. */
export function sign(secret: string, body: string | Uint8Array): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** A push event as GitHub sends it, in the fields anybody looks at. */
export function push(
  branch: string,
  change: { message?: string; created?: boolean; forced?: boolean; deleted?: boolean; after?: string } = {},
) {
  const { message = 'A change', created = false, forced = false, deleted = false, after = 'b'.repeat(40) } = change;
  const none = '0'.repeat(40);
  return {
    ref: `refs/heads/${branch}`,
    before: created ? none : 'a'.repeat(40),
    after: deleted ? none : after,
    created,
    deleted,
    forced,
    head_commit: deleted ? null : { id: after, message },
    repository: { full_name: 'somebody/demo' },
  };
}

/** A port nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the kernel gave no port');
  return address.port;
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
}
