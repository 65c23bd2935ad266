import { parentPort, workerData } from 'node:worker_threads';
import type { LedgerQuery } from '@bough/core/ledger/delivery-line.ts';
import type { JoinedDelivery } from '@bough/core/ledger/joined-delivery.ts';
import { type EndedJob, type LedgerBatch, type LedgerWriter, openLedgerWriter } from './ledger-writer.ts';
import { readDeliveries, readRefusals } from './read-ledger.ts';

/** What the thread is asked; it answers with the same `id`. */
export type LedgerAsk = { readonly id: number } & (
  | { readonly ask: 'write'; readonly with: LedgerBatch }
  | { readonly ask: 'prune'; readonly with: number }
  | { readonly ask: 'news'; readonly with: readonly EndedJob[]; readonly since: number }
  | { readonly ask: 'missing'; readonly with: readonly JoinedDelivery[]; readonly since: number }
  | { readonly ask: 'recover'; readonly with: readonly JoinedDelivery[] }
  | { readonly ask: 'sources' | 'refusals'; readonly with: number }
  | { readonly ask: 'deliveries'; readonly with: LedgerQuery }
  | { readonly ask: 'openLines' | 'close' }
);
export type LedgerAnswer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

/** Where the ledger is, and since when lines are noted. */
export interface LedgerPlace {
  readonly path: string;
  readonly openedAt: number;
}

let writer: LedgerWriter | null = null;

function ledger(): LedgerWriter {
  const { path, openedAt }: LedgerPlace = workerData;
  return (writer ??= openLedgerWriter(path, openedAt));
}

parentPort?.on('message', (asked: LedgerAsk) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(answer(asked));
});

function answer(asked: LedgerAsk): LedgerAnswer {
  try {
    return { id: asked.id, value: carryOut(asked) };
  } catch (error) {
    return { id: asked.id, error: error instanceof Error ? error.message : String(error) };
  }
}

function carryOut(asked: LedgerAsk): unknown {
  switch (asked.ask) {
    case 'write':
      return ledger().write(asked.with);
    case 'prune':
      return ledger().prune(asked.with);
    case 'news':
      return ledger().news(asked.with, asked.since);
    case 'missing':
      return ledger().missing(asked.with, asked.since);
    case 'recover':
      return ledger().recover(asked.with);
    case 'openLines':
      return ledger().openLines();
    case 'sources':
      return ledger().sources(asked.with);
    case 'deliveries':
      return readDeliveries(ledger().database, asked.with);
    case 'refusals':
      return readRefusals(ledger().database, asked.with);
    case 'close':
      writer?.close();
      writer = null;
      return null;
  }
}
