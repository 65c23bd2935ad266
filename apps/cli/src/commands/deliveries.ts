import { statSync } from 'node:fs';
import { AppError } from '@bough/core/app-error.ts';
import type { ShownBranch, ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { plainText } from '@bough/core/text/plain-text.ts';
import { isMissing } from '@bough/host/is-missing.ts';
import { openLedgerReader, readDeliveries, readRefusals, type ShownRefusal } from '@bough/host/ledger/read-ledger.ts';
import type { Command } from '../command.ts';
import { renderAge } from '../render-age.ts';
import { renderTable } from '../render-table.ts';
import { UsageError } from '../usage-error.ts';

/** `bough deliveries`. */
export const deliveries: Command = {
  name: 'deliveries',
  usage: '[PROJECT]',
  takes: [0, 1],
  summary: 'list what forges delivered, what it was answered and what became of it, newest first',
  about: [
    'Read from the ledger of the receiver, which may be down, as may Redis and the worker. missed: no delivery told of the push;\nthe sweep found it. unavailable: Redis could not keep it; what became of it says how it was made good.\nRequests without a right signature are only counted.',
  ],
  options: {
    branch: { value: 'BRANCH', meaning: 'only those that told of this branch' },
    outcome: {
      value: 'WORD',
      meaning: 'only those that were answered so or whose job ended so: missed, failed, ignored',
    },
    limit: { value: 'N', meaning: 'so many; 50 without it' },
  },
  async run({ layout }, input) {
    const limit = input.text('limit') ?? '50';
    if (!/^[1-9]\d{0,5}$/.test(limit)) throw new UsageError(`${limit} is no number of deliveries`);
    const query = {
      project: input.args[0],
      branch: input.text('branch'),
      outcome: input.text('outcome'),
      limit: Number(limit),
    };
    const found = look(layout.ledger, (database) => ({
      deliveries: readDeliveries(database, query),
      refusals: readRefusals(database, 20),
    }));
    const now = Date.now();
    const { deliveries: all, refusals } = found ?? { deliveries: [], refusals: [] };
    const value = { deliveries: all.map(dated), refusals: refusals.map(datedRefusal) };
    const head = ['when', 'project', 'branch', 'commit', 'event', 'answer', 'what became of it'];
    const table =
      all.length === 0
        ? 'no delivery is on record\n'
        : renderTable(
            head,
            all.flatMap((each) => rowsOf(each, now)),
          );
    return { value, text: `${table}${renderRefusals(refusals, now)}` };
  },
};

/** `null` where there is no ledger yet. */
function look<T>(path: string, read: (database: ReturnType<typeof openLedgerReader>) => T): T | null {
  if (!isThere(path)) return null;
  try {
    const database = openLedgerReader(path);
    try {
      return read(database);
    } finally {
      database.close();
    }
  } catch (cause) {
    throw new AppError(
      'STATE_INVALID',
      `the ledger ${path} cannot be read; run this as root, or as the receiver's user`,
      { cause },
    );
  }
}

/** Throws where the caller may not look: `existsSync` would say that it is not there. */
function isThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** A row for each branch of a delivery. */
export function rowsOf(delivery: ShownDelivery, now: number): string[][] {
  const { at, project, event, status, outcome, reason } = delivery;
  const answer = `${status ?? ''} ${outcome}${reason === null ? '' : `: ${plainText(reason)}`}`.trim();
  const branches = delivery.branches.length === 0 ? [null] : delivery.branches;
  return branches.map((branch) => [
    `${renderAge(new Date(at).toISOString(), now)} ago`,
    project,
    plainText(branch?.branch ?? '–'),
    branch?.commit?.slice(0, 12) ?? '–',
    plainText(event ?? '–'),
    answer,
    branch === null ? '–' : ending(branch, delivery),
  ]);
}

/** Of several branches each says itself why it has no job: the answer does not. */
function ending({ job, ended, ...told }: ShownBranch, { branches }: ShownDelivery): string {
  if (ended === null && job !== null) return 'not ended yet';
  if (ended === null && branches.length === 1) return '–';
  const { outcome, reason } = ended ?? told;
  return `${outcome}${reason === null ? '' : `: ${plainText(reason)}`}`;
}

function renderRefusals(refusals: readonly ShownRefusal[], now: number): string {
  if (refusals.length === 0) return '';
  const lines = refusals.map(({ last, count, project, source, status, reason }) => [
    `${renderAge(new Date(last).toISOString(), now)} ago`,
    String(count),
    plainText(project),
    source,
    String(status ?? '–'),
    reason,
  ]);
  return `\nnot signed with a secret of the webhook:\n${renderTable(['last', 'times', 'project', 'from', 'answer', 'reason'], lines)}`;
}

function dated({ at, branches, ...delivery }: ShownDelivery) {
  return {
    at: new Date(at).toISOString(),
    ...delivery,
    branches: branches.map(({ ended, ...branch }) => ({
      ...branch,
      ended:
        ended === null
          ? null
          : {
              ...ended,
              at: new Date(ended.at).toISOString(),
            },
    })),
  };
}

function datedRefusal({ first, last, ...refusal }: ShownRefusal) {
  return { ...refusal, first: new Date(first).toISOString(), last: new Date(last).toISOString() };
}
