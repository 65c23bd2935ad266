import { DatabaseSync } from 'node:sqlite';
import type { LedgerQuery, ShownBranch, ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import * as z from 'zod';
import { followerOf } from './follower.ts';
import { jobOfLine } from './job-of-line.ts';
import { readAsOfNow } from './ledger-schema.ts';

/** A count of refused requests of one kind within an hour. */
export const ShownRefusal = z.object({
  project: z.string(),
  source: z.string(),
  reason: z.string(),
  status: z.int().nullable(),
  count: z.int(),
  first: z.int(),
  last: z.int(),
});
export type ShownRefusal = z.infer<typeof ShownRefusal>;

const DeliveryRow = z.object({
  seq: z.int(),
  at: z.int(),
  project: z.string(),
  forge: z.string(),
  delivery: z.string().nullable(),
  event: z.string().nullable(),
  source: z.string(),
  status: z.int().nullable(),
  outcome: z.string(),
  reason: z.string().nullable(),
  failure: z.string().nullable(),
  ms: z.int(),
});
const BranchRow = z.object({
  branch: z.string().nullable(),
  deleted: z.string().nullable(),
  seen: z.string().nullable(),
  job: z.string().nullable(),
  outcome: z.string(),
  reason: z.string().nullable(),
  endedAt: z.int().nullable(),
  ended: z.string().nullable(),
  endReason: z.string().nullable(),
});

/** Opens the ledger to look at it only; whoever writes it may be at it, or gone. Throws what SQLite throws. */
export function openLedgerReader(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  readAsOfNow(database);
  return database;
}

/** Deliveries and missed pushes, the latest first. */
export function readDeliveries(database: DatabaseSync, query: LedgerQuery): ShownDelivery[] {
  const { project = null, branch = null, outcome = null, before = null, limit } = query;
  const rows = database
    .prepare(
      `SELECT * FROM deliveries AS d WHERE (:project IS NULL OR d.project = :project) AND (:before IS NULL OR d.seq < :before)
       AND (:branch IS NULL OR EXISTS (SELECT 1 FROM branches AS b WHERE b.seq = d.seq AND :branch IN (b.branch, b.deleted)))
       AND (:outcome IS NULL OR d.outcome = :outcome OR EXISTS (
         SELECT 1 FROM branches AS b LEFT JOIN jobs AS j ON j.job = ${jobOfLine('b')}
         WHERE b.seq = d.seq AND (b.outcome = :outcome OR j.outcome = :outcome)))
       ORDER BY d.seq DESC LIMIT :limit`,
    )
    .all({ project, branch, outcome, before, limit });
  const branchesOf = database.prepare(
    `SELECT b.branch, b.deleted, b.seen, b.job, b.outcome, b.reason, j.at AS endedAt, j.outcome AS ended, j.reason AS endReason
     FROM branches AS b LEFT JOIN jobs AS j ON j.job = ${jobOfLine('b')} WHERE b.seq = ? ORDER BY b.rowid`,
  );
  return rows.map((row) => {
    const delivery = DeliveryRow.parse(row);
    const lines = branchesOf.all(delivery.seq).map((line) => BranchRow.parse(line));
    const branches = lines.map(({ deleted, ...line }) => {
      const told = shownBranch(line);
      return { ...told, branch: told.branch ?? deleted, ...followerOf(database, delivery, told) };
    });
    return { ...delivery, branches };
  });
}

/** What came that was not found to be signed well, the latest first. */
export function readRefusals(database: DatabaseSync, limit: number): ShownRefusal[] {
  return database
    .prepare('SELECT project, source, reason, status, count, first, last FROM refusals ORDER BY last DESC LIMIT ?')
    .all(limit)
    .map((row) => ShownRefusal.parse(row));
}

/** With the branch its job is about: none for a sweep. */
function shownBranch(row: Omit<z.infer<typeof BranchRow>, 'deleted'>): ShownBranch {
  const { branch, seen, job, outcome, reason, endedAt, ended, endReason } = row;
  return {
    branch,
    commit: seen,
    job,
    outcome,
    reason,
    ended:
      endedAt === null || ended === null
        ? null
        : {
            at: endedAt,
            outcome: ended,
            reason: endReason,
          },
  };
}
