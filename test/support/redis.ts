import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Redis of the test's own, on a Unix socket in a folder of its own. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  readonly socket: string;
  /** Starts it, again after `kill`: on the same files. Resolves when it takes commands. */
  start(): Promise<void>;
  /** SIGKILL: what was not on disk is lost. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay, nothing answers. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
}

/**
 * Makes a Redis as Bough wants it (`appendfsync always`, `noeviction`) and starts it unless told otherwise. `settings` are
 * more arguments of redis-server, as `['--maxmemory', '4mb']`.
 */
export async function createTestRedis({ started = true, settings = [] as string[] } = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'bough-redis-'));
  const socket = join(folder, 'redis.sock');
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    assert.equal(server, undefined, 'this Redis runs already');
    server = spawn('redis-server', [...serverArguments(folder, socket), ...settings], { stdio: 'ignore' });
    const failed = once(server, 'error').then(([error]) => {
      throw new Error('redis-server could not be started: apt-get install redis-server', { cause: error });
    });
    await Promise.race([failed, untilItAnswers(socket)]).catch((error: unknown) => {
      server?.kill('SIGKILL'); // or the tests would never end
      throw error;
    });
  }

  async function kill(): Promise<void> {
    const victim = server;
    if (victim === undefined) return;
    server = undefined;
    const ended = once(victim, 'exit');
    victim.kill('SIGKILL');
    await ended;
  }

  if (started) await start();
  return {
    url: `unix://${socket}`,
    socket,
    start,
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serverArguments(folder: string, socket: string): string[] {
  const settings = {
    port: '0',
    unixsocket: socket,
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
  };
  return [...Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]), '--save', ''];
}

/** PING by hand: a client library would bring its own way of waiting. */
async function untilItAnswers(socket: string, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (performance.now() < end) {
    if (await answers(socket)) return;
    await sleep(10);
  }
  throw new Error(`redis-server at ${socket} did not answer within ${deadlineMs} ms`);
}

async function answers(socket: string): Promise<boolean> {
  const connection = createConnection(socket);
  try {
    connection.end('PING\r\n');
    const [data]: unknown[] = await once(connection, 'data');
    return String(data).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}
