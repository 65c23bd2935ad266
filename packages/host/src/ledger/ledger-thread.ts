import { parentPort, workerData } from 'node:worker_threads';
import type { LedgerQuery } from '@bough/core/ledger/delivery-line.ts';
import { type LedgerBatch, type LedgerWriter, openLedgerWriter } from './ledger-writer.ts';
import { readDeliveries, readRefusals } from './read-ledger.ts';

/** What the thread is asked; it answers with the same `id`. */
export type LedgerAsk = { readonly id: number } & (
  | { readonly ask: 'write'; readonly with: LedgerBatch }
  | { readonly ask: 'prune'; readonly with: number }
  | { readonly ask: 'cursor'; readonly with: string }
  | { readonly ask: 'sources' | 'refusals'; readonly with: number }
  | { readonly ask: 'deliveries'; readonly with: LedgerQuery }
  | { readonly ask: 'close' }
);
export type LedgerAnswer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

let writer: LedgerWriter | null = null;
const ledger = (): LedgerWriter => (writer ??= openLedgerWriter(String(workerData)));

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
    case 'cursor':
      return ledger().cursor(asked.with);
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
