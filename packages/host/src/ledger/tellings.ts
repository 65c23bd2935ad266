import type { DatabaseSync } from 'node:sqlite';
import { neverLooked, type Telling } from '@bough/core/ledger/swept.ts';
import * as z from 'zod';
import { jobOfLine } from './job-of-line.ts';

/** A line as it is found in the ledger. */
export interface RecordedTelling extends Telling {
  readonly row: number;
  readonly seq: number;
}

/** A commit of a branch, and the job that ends now: what that came to is no other head. */
interface Told {
  readonly project: string;
  readonly branch: string;
  readonly commit: string;
  readonly job: string;
}

const Row = z.object({
  row: z.int(),
  seq: z.int(),
  outcome: z.string(),
  reason: z.string().nullable(),
  job: z.string().nullable(),
  endedAt: z.int().nullable(),
  ended: z.string().nullable(),
  endReason: z.string().nullable(),
  isPast: z.int(),
});

/** Finds the lines that told of a commit of a branch, the earliest first. */
export function createTellings(database: DatabaseSync): (told: Told) => RecordedTelling[] {
  const find = database.prepare(
    `SELECT b.rowid AS row, b.seq, b.outcome, b.reason, ${jobOfLine('b')} AS job,
       j.at AS endedAt, j.outcome AS ended, j.reason AS endReason,
       EXISTS (
         SELECT 1 FROM branches AS later JOIN jobs AS head ON head.job = ${jobOfLine('later')}
         WHERE later.project = b.project AND later.branch = b.branch AND later.seen <> b.seen AND later.seq > b.seq
           AND head.job <> :job AND head.outcome NOT IN (${neverLooked.map((outcome) => `'${outcome}'`).join(', ')})
       ) AS isPast
     FROM branches AS b LEFT JOIN jobs AS j ON j.job = ${jobOfLine('b')}
     WHERE b.project = :project AND b.branch = :branch AND b.seen = :commit ORDER BY b.seq`,
  );
  return ({ project, branch, commit, job }) =>
    find.all({ project, branch, commit, job }).map((row) => {
      const { endedAt, ended, endReason, isPast, ...line } = Row.parse(row);
      const end = endedAt === null || ended === null ? null : { at: endedAt, outcome: ended, reason: endReason };
      return { ...line, ended: end, isPast: isPast === 1 };
    });
}
