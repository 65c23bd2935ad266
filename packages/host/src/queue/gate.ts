import { AppError } from '@bough/core/app-error.ts';
import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Runs something that needs Redis, or refuses at once. `what` completes "Redis cannot keep …". */
export type Gate = <T>(what: string, run: () => Promise<T>) => Promise<T>;

const deadlineMs = 950; // the promise is an answer within about a second, the rest of the answer included
const probeMs = 250;

/**
 * Stands between a request and a Redis that may be away, frozen or full. It refuses at once while the connection is not
 * ready, or while no PING has come back since an earlier request ran into the deadline. A command that missed the
 * deadline may still be carried out: refused but kept is the safe side, the forge's next delivery finds the job.
 * Whatever goes wrong in `run`, the gate throws AppError QUEUE_UNAVAILABLE.
 */
export function createGate(redis: Redis, log: Logger, withinMs: number = deadlineMs): Gate {
  let shut = false;

  async function shutUntilItAnswers(): Promise<void> {
    shut = true;
    log.warn({ withinMs }, 'Redis missed its deadline; refusing until it answers');
    while (redis.status !== 'end') {
      await sleep(probeMs, undefined, { ref: false });
      if (redis.status === 'ready' && (await answersPing(redis))) break;
    }
    shut = false;
    log.info('Redis answers again');
  }

  return async (what, run) => {
    if (redis.status !== 'ready') throw unavailable(what, 'is not connected');
    if (shut) throw unavailable(what, 'does not answer');
    const ending = await inTime(settle(run), withinMs);
    switch (ending.state) {
      case 'done':
        return ending.value;
      case 'failed':
        throw unavailable(what, `refuses: ${messageOf(ending.cause)}`, ending.cause);
      case 'late':
        if (!shut) void shutUntilItAnswers();
        throw unavailable(what, `did not answer within ${withinMs} ms`);
    }
  };
}

type Ending<T> = { state: 'done'; value: T } | { state: 'failed'; cause: unknown };

/** The outcome as a value, so that a failure after the deadline is no unhandled rejection. */
async function settle<T>(run: () => Promise<T>): Promise<Ending<T>> {
  try {
    return { state: 'done', value: await run() };
  } catch (cause) {
    return { state: 'failed', cause };
  }
}

/** What comes first. The timer ends with it: thousands of deliveries a second would leave as many behind for the deadline. */
async function inTime<T>(ending: Promise<T>, ms: number): Promise<T | { state: 'late' }> {
  const { promise: lateness, resolve } = Promise.withResolvers<{ state: 'late' }>();
  const timer = setTimeout(() => resolve({ state: 'late' }), ms).unref();
  try {
    return await Promise.race([ending, lateness]);
  } finally {
    clearTimeout(timer);
  }
}

async function answersPing(redis: Redis): Promise<boolean> {
  try {
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  }
}

function unavailable(what: string, why: string, cause?: unknown): AppError {
  return new AppError('QUEUE_UNAVAILABLE', `Redis cannot keep ${what}: it ${why}.`, { cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
