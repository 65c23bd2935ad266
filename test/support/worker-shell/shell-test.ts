import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext } from 'node:test';
import { createQueues, type Queues } from '@bough/host/queue/create-queues.ts';
import { enqueueBuild } from '@bough/host/queue/enqueue.ts';
import type { Enqueued } from '@bough/host/queue/enqueued.ts';
import { Redis } from 'ioredis';
import { createTestRedis, type TestRedis } from '../redis.ts';
import { until } from '../until.ts';
import { eventsOf, type Shell, type ShellEvent, type ShellOptions, startShell } from './start-shell.ts';

/** A Redis, queues to add to, and as many workers as a test starts. All of it ends with the test. */
export interface ShellTest {
  readonly redis: TestRedis;
  readonly client: Redis;
  readonly queues: Queues;
  readonly options: ShellOptions;
  start(): Shell;
  push(branch: string, production?: boolean): Promise<Enqueued>;
  /** Waits for something a processor did. */
  event(what: string, matches: (event: ShellEvent) => boolean, deadlineMs?: number): Promise<ShellEvent>;
  state(jobId: string): Promise<string>;
}

/** Sets up for one test. */
export async function shellTest(t: TestContext, settings: Partial<ShellOptions> = {}): Promise<ShellTest> {
  const redis = await createTestRedis();
  const folder = await mkdtemp(join(tmpdir(), 'bough-shell-'));
  const options = {
    folder,
    redisUrl: redis.url,
    sweepIntervalSec: 3600,
    lockDurationMs: 86_400_000,
    careMs: 1_000,
    ...settings,
  };
  const client = new Redis({ path: redis.socket, maxRetriesPerRequest: null });
  client.on('error', () => {});
  const queues = createQueues(client);
  const shells: Shell[] = [];
  t.after(async () => {
    for (const shell of shells) {
      if (shell.process.exitCode === null && shell.process.signalCode === null) await shell.kill();
    }
    await queues.close();
    client.disconnect();
    await redis[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    redis,
    client,
    queues,
    options,
    start() {
      const shell = startShell(options);
      shells.push(shell);
      return shell;
    },
    push: (branch, production = false) =>
      enqueueBuild(queues, { project: 'demo', branch, asked: { by: 'sweep' } }, { production }),
    event: (what, matches, deadlineMs) => until(what, () => eventsOf(options).find(matches), deadlineMs),
    state: async (jobId) => await queues.build.getJobState(jobId),
  };
}

/** A commit's hash that says which it is. */
export const commit = (number: number): string => String(number).padStart(40, '0');
