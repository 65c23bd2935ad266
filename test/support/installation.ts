import { execFile } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { queuePrefix } from '@bough/core/queue/jobs.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { slugOf } from '@bough/host/slug.ts';
import { activateStack } from '@bough/host/stack/activate-stack.ts';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { installedHost } from '../../script/lib/install/places.ts';
import { createRepository, type Repository } from './repository.ts';
import { until } from './until.ts';

const exec = promisify(execFile);
const usual = { webhook: 'the secret of the tests', board: 'board password' };
const folders = { stateDir: '/var/lib/bough', runtimeDir: '/run/bough', unitDir: '/run/systemd/system' };
const socket = '/run/bough-redis/redis.sock';
const stack = ['bough-worker', 'bough-receiver', 'bough-caddy', 'bough-redis', 'bough-restore'].map(
  (name) => `${name}.service`,
);

/** Bough as a user would have it: its services as units of this machine, and a repository to push to. */
export type Installation = Awaited<ReturnType<typeof install>>;

/** What an installation is secured with. `redis`: one that is reached over the network, in place of Bough's own. */
export interface Secrets {
  readonly webhook: string;
  readonly board: string;
  readonly redis?: { readonly port: number; readonly password: string };
}

/** Settings that are put over the configuration of the tests; their projects stand beside its `demo`. */
type Settings = Record<string, unknown> & { readonly projects?: Record<string, object> };

/**
 * Installs Bough anew on this machine, which must be a throwaway one: whatever an earlier installation left is removed.
 * `project` is put over the configuration of its project `demo`.
 */
export async function install(
  settings: Settings = {},
  project: Record<string, unknown> = {},
  secrets: Secrets = usual,
) {
  await uninstall();
  const repository = await createRepository('/srv/bough-test');
  await activateStack({
    config: await writeSettings(repository, settings, project, secrets),
    unitDir: '/etc/systemd/system',
    run: createRunCommand({ log: pino({ level: 'silent' }) }),
    host: {
      ...installedHost(folders.stateDir),
      node: process.execPath,
      root: fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''),
    },
    say: () => undefined,
  });
  return attach(repository, secrets, uninstall);
}

/** Writes the secrets of the tests and gives their configuration, as JSON. */
export async function writeSettings(
  repository: Repository,
  settings: Settings = {},
  project: Record<string, unknown> = {},
  secrets: Secrets = usual,
): Promise<string> {
  const write = (name: string, secret: string) => writeFile(`/etc/bough/${name}`, `${secret}\n`, { mode: 0o600 });
  await mkdir('/etc/bough', { recursive: true });
  await write('webhook-secret', secrets.webhook);
  await write('board-password', secrets.board);
  if (secrets.redis !== undefined) await write('redis-password', secrets.redis.password);
  const { projects, ...rest } = settings;
  const config = {
    ...folders,
    board: { user: 'bough', passwordFile: '/etc/bough/board-password' },
    ...(secrets.redis === undefined
      ? {}
      : { redis: { url: `redis://127.0.0.1:${secrets.redis.port}`, passwordFile: '/etc/bough/redis-password' } }),
    sweepIntervalSec: 3600, // tests say when
    reconcile: { settleSec: 0.5, drainSec: 0.5 },
    projects: {
      demo: {
        remote: repository.remote,
        webhookSecretFiles: ['/etc/bough/webhook-secret'],
        url: 'http://localhost:8080',
        health: { timeoutSec: 10 },
        ...project,
      },
      ...projects,
    },
    ...rest,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** What a test does with a Bough that runs on this machine as the configuration of the tests says. */
export function attach(
  repository: Repository,
  secrets: Secrets = usual,
  dispose: () => Promise<void> = async () => undefined,
) {
  const options = { maxRetriesPerRequest: null };
  const redis = secrets.redis === undefined ? new Redis(socket, options) : new Redis({ ...secrets.redis, ...options });
  const builds = new Queue('build', { connection: redis, prefix: queuePrefix });
  const reconciles = new Queue('reconcile', { connection: redis, prefix: queuePrefix });
  const sweeps = new Queue('sweep', { connection: redis, prefix: queuePrefix });
  const operations = new Queue('operate', { connection: redis, prefix: queuePrefix });
  const queues = [builds, reconciles, sweeps, operations];
  for (const client of [redis, ...queues]) client.on('error', () => undefined); // tests kill Redis
  return {
    repository,
    layout: layoutOf(folders),
    redis,
    builds,
    reconciles,
    sweeps,
    operations,
    get,

    /** Commits to a branch, pushes it and tells Bough, as a forge would. Gives the commit. */
    async push(branch: string, files: Record<string, string>): Promise<string> {
      const commit = await repository.commit(branch, files);
      await deliverPush(secrets, repository, branch, commit);
      return commit;
    },
    deliverPush: (branch: string, commit: string) => deliverPush(secrets, repository, branch, commit),

    /** Deletes a branch and tells Bough. */
    async remove(branch: string): Promise<void> {
      await repository.remove(branch);
      await deliverPush(secrets, repository, branch, null);
    },

    /** Tells of a branch's new head, or with `null` of its end, once, whatever comes of it: 0 stands for no answer. */
    async tell(branch: string, commit: string | null, delivery?: string): Promise<{ status: number }> {
      try {
        const { status } = await deliver(secrets, repository, branch, commit, delivery);
        return { status };
      } catch {
        return { status: 0 };
      }
    },

    /** Asks for a sweep of everything, as the timer would, and waits until nothing is left to do. */
    async sweep(): Promise<void> {
      await sweeps.add('sweep', { asked: { by: 'person' } });
      await untilIdle(queues);
    },
    untilIdle: (deadlineMs?: number) => untilIdle(queues, deadlineMs),

    /** Waits until a branch answers through Caddy with a text that holds `text`. */
    untilServes: (branch: string, text: string, deadlineMs = 30_000) =>
      until(`${branch} serves ${text}`, async () => (await get(`/${slugOf(branch)}/`)).body.includes(text), deadlineMs),

    async [Symbol.asyncDispose]() {
      await Promise.all(queues.map(async (queue) => await queue.close()));
      redis.disconnect();
      await dispose();
    },
  };
}

/** One request through Caddy. */
export async function get(path: string): Promise<{ status: number; body: string }> {
  try {
    const response = await fetch(`http://localhost:8080${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    // Not `text()`, which takes a byte order mark off: a branch may begin with one.
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()).toString() };
  } catch (error) {
    return { status: 0, body: String(error) };
  }
}

/** One push told to the receiver, signed like GitHub does; `null`: the branch was deleted. */
async function deliver(
  secrets: Secrets,
  from: Repository,
  branch: string,
  commit: string | null,
  delivery: string = randomUUID(),
): Promise<Response> {
  const body = JSON.stringify({
    ref: `refs/heads/${branch}`,
    before: '1'.repeat(40),
    after: commit ?? '0'.repeat(40),
    created: false,
    deleted: commit === null,
    forced: false,
    head_commit: commit === null ? null : { id: commit, message: await from.message(commit) },
  });
  return await fetch('http://127.0.0.1:9010/webhooks/demo', {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(10_000), // as long as GitHub waits
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': delivery,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secrets.webhook).update(body).digest('hex')}`,
    },
  });
}

/** The same, to a receiver that has to accept it. */
async function deliverPush(secrets: Secrets, from: Repository, branch: string, commit: string | null): Promise<void> {
  const response = await deliver(secrets, from, branch, commit);
  if (response.status !== 202) throw new Error(`the receiver answered ${response.status}: ${await response.text()}`);
}

async function untilIdle(queues: Queue[], deadlineMs = 60_000): Promise<void> {
  await until(
    'no job waits or runs',
    async () => {
      const counts = await Promise.all(
        queues.map((queue) => queue.getJobCounts('active', 'wait', 'prioritized', 'waiting-children')),
      );
      return counts.every((count) => Object.values(count).every((number) => number === 0));
    },
    deadlineMs,
  );
}

/** Runs systemctl and gives what it printed. */
export async function systemctl(...words: string[]): Promise<string> {
  return (await exec('systemctl', words)).stdout;
}

async function uninstall(): Promise<void> {
  await systemctl('stop', ...stack).catch(() => undefined); // not there yet
  const units = (await systemctl('list-units', '--all', '--plain', '--no-legend', 'bough-*--*--r*'))
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  const ours = units.filter((unit) => unit !== '');
  if (ours.length > 0) await systemctl('stop', ...ours);
  await systemctl('reset-failed');
  for (const folder of [
    folders.stateDir,
    '/var/lib/bough-receiver',
    '/var/lib/private/bough-receiver',
    '/var/lib/bough-tokens',
    folders.runtimeDir,
    '/var/lib/bough-redis',
    '/srv/bough-test',
    '/etc/bough',
    '/var/lib/bough-apps',
    '/var/lib/private/bough-apps',
    '/var/cache/bough-apps',
    '/var/cache/private/bough-apps',
  ]) {
    await rm(folder, { recursive: true, force: true });
  }
  await mkdir('/srv/bough-test/builds', { recursive: true });
  await chmod('/srv/bough-test/builds', 0o777); // builders note their start and end there
  // Not only those systemd has loaded: it forgets what has run once, such as a setup.
  const links = (await readdir(folders.unitDir)).filter((name) => /^bough-.+--.+--r\d+-/.test(name));
  for (const unit of [...ours, ...links]) await rm(`${folders.unitDir}/${unit}`, { force: true });
}
