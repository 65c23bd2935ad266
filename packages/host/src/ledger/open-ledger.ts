import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  type DeliveryLine,
  type JobLine,
  type LedgerQuery,
  type OpenLine,
  otherRefusals,
  type RefusalLine,
  type ShownDelivery,
} from '@bough/core/ledger/delivery-line.ts';
import type { JoinedDelivery } from '@bough/core/ledger/joined-delivery.ts';
import type { Logger } from 'pino';
import type { LedgerAnswer, LedgerAsk, LedgerPlace } from './ledger-thread.ts';
import type { EndedJob, LedgerBatch } from './ledger-writer.ts';
import type { ShownRefusal } from './read-ledger.ts';

/** The deliveries ledger, for the one process that writes it. */
export type Ledger = ReturnType<typeof openLedger>;

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

export interface LedgerOptions {
  readonly path: string;
  readonly keepSec: number;
  readonly log: Logger;
}

const mostWaiting = 20_000; // about 20 MB of lines, while the disk is full
const mostKinds = 1_000; // of refusals, between two writes
const perWrite = 500;
const everyMs = 200;
const againMs = 2_000;
const pruneMs = 3_600_000;
const askMs = 10_000;

/**
 * Takes lines down without holding anybody up: they are noted in memory and written a little later, together, by a thread
 * of its own, so that a slow or full disk delays no answer. A crash may cost the lines of the last moments, of which those that
 * asked for a job are told of by Redis, and a disk that stays full those beyond the first 20,000: never a job.
 */
export function openLedger({ path, keepSec, log }: LedgerOptions) {
  const workerData: LedgerPlace = { path, openedAt: Date.now() };
  const thread = new Worker(new URL('ledger-thread.ts', import.meta.url), { workerData });
  const asked = new Map<number, (answer: LedgerAnswer) => void>();
  let lastId = 0;
  let ended: string | null = null;
  thread.on('message', (answer: LedgerAnswer) => asked.get(answer.id)?.(answer));
  thread.on('error', (err) => log.error({ err }, 'the thread of the ledger has ended; nothing more is recorded'));
  thread.on('exit', () => {
    ended = 'the thread of the ledger has ended';
    for (const [id, settle] of asked) settle({ id, error: ended });
  });

  async function ask<T>(request: WithoutId<LedgerAsk>): Promise<T> {
    if (ended !== null) throw new Error(ended);
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers<LedgerAnswer>();
    asked.set(id, resolve);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    thread.postMessage({ id, ...request } satisfies LedgerAsk);
    const timer = setTimeout(() => resolve({ id, error: `no answer within ${askMs} ms` }), askMs).unref();
    const answer = await promise;
    clearTimeout(timer);
    asked.delete(id);
    if ('error' in answer) throw new Error(answer.error);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread is of this very program
    return answer.value as T;
  }

  let deliveries: DeliveryLine[] = [];
  let jobs: JobLine[] = [];
  let refusals = new Map<string, RefusalLine>();
  let lost = 0;
  let behind = false;
  let writing: Promise<void> | null = null;
  const closing = new AbortController();
  const isEmpty = () => deliveries.length + jobs.length + refusals.size === 0;

  /** The lines to write next. They are forgotten only once they are written. */
  function nextBatch(): LedgerBatch {
    return { deliveries: deliveries.slice(0, perWrite), jobs: [...jobs], refusals: [...refusals.values()] };
  }

  async function writeAll(): Promise<void> {
    while (!isEmpty()) {
      // Each time, not only the first: a batch of a few lines costs as much as one of hundreds.
      if (deliveries.length < perWrite)
        await sleep(everyMs, undefined, { signal: closing.signal }).catch(() => undefined);
      const batch = nextBatch();
      refusals = new Map(); // counted on while this is written
      try {
        await ask({ ask: 'write', with: batch });
        deliveries = deliveries.slice(batch.deliveries.length);
        jobs = jobs.slice(batch.jobs.length);
        if (behind) log.info({ lost }, 'the ledger is written again');
        behind = false;
        lost = 0;
      } catch (err) {
        for (const line of batch.refusals) count(line);
        if (!behind) log.warn({ err, waiting: deliveries.length }, 'the ledger is behind: it cannot be written now');
        behind = true;
        if (closing.signal.aborted || ended !== null) return;
        await sleep(againMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  function write(): void {
    writing ??= writeAll().finally(() => {
      writing = null;
      if (!isEmpty() && !closing.signal.aborted && ended === null) write(); // noted at the very end
    });
  }

  function count(given: RefusalLine): void {
    const keyOf = ({ project, source, reason }: RefusalLine) => `${project}\n${source}\n${reason}`;
    const isOneTooMany = refusals.size >= mostKinds && !refusals.has(keyOf(given));
    const line = isOneTooMany ? { ...given, ...otherRefusals } : given;
    const key = keyOf(line);
    const known = refusals.get(key);
    refusals.set(key, { ...line, at: Math.max(line.at, known?.at ?? 0), count: line.count + (known?.count ?? 0) });
  }

  const forget = () =>
    void ask({ ask: 'prune', with: Date.now() - keepSec * 1_000 }).catch((err: unknown) =>
      log.warn({ err }, 'what is too old stays in the ledger until the next hour'),
    );
  const pruning = setInterval(forget, pruneMs).unref();
  forget();

  return {
    /** A delivery whose signature was right. */
    delivered(line: DeliveryLine): void {
      if (deliveries.length >= mostWaiting) lost += 1;
      else deliveries.push(line);
      write();
    },
    /** A request that was not found to be signed well. */
    refused(line: RefusalLine): void {
      count(line);
      write();
    },
    /** Ends of jobs. */
    ended(lines: readonly JobLine[]): void {
      if (jobs.length < mostWaiting) jobs.push(...lines);
      else lost += lines.length;
      write();
    },
    /** Those of them whose end is not on record yet, but for what is too old to be kept. */
    news: (of: readonly EndedJob[]) => ask<EndedJob[]>({ ask: 'news', with: of, since: Date.now() - keepSec * 1_000 }),
    /** Those of them that came before this process and are not on record, but for what is too old to be kept. */
    missing: (of: readonly JoinedDelivery[]) =>
      ask<JoinedDelivery[]>({ ask: 'missing', with: of, since: Date.now() - keepSec * 1_000 }),
    recover: (missing: readonly JoinedDelivery[]) => ask<void>({ ask: 'recover', with: missing }),
    openLines: () => ask<OpenLine[]>({ ask: 'openLines' }),
    sources: (limit: number) => ask<string[]>({ ask: 'sources', with: limit }),
    deliveries: (query: LedgerQuery) => ask<ShownDelivery[]>({ ask: 'deliveries', with: query }),
    refusals: (limit: number) => ask<ShownRefusal[]>({ ask: 'refusals', with: limit }),
    /** Writes what is noted, once, and lets go of the file. */
    async close(): Promise<void> {
      clearInterval(pruning);
      closing.abort();
      await writing;
      await ask({ ask: 'close' }).catch(() => undefined);
      await thread.terminate();
    },
  };
}
