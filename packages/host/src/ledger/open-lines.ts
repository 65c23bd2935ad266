import type { DatabaseSync } from 'node:sqlite';
import type { OpenLine } from '@bough/core/ledger/delivery-line.ts';
import * as z from 'zod';
import { followersOf } from './follower.ts';
import { jobOfLine } from './job-of-line.ts';

const Row = z.object({
  seq: z.int(),
  at: z.int(),
  project: z.string(),
  branch: z.string().nullable(),
  seen: z.string().nullable(),
  job: z.string(),
  isRefused: z.int().transform((found) => found === 1),
  ended: z.string().nullable(),
});

/**
 * What deliveries told of whose end is not on record, oldest first. Each call looks only at what was open at the last one,
 * and at what came since.
 */
export function createOpenLines(database: DatabaseSync): () => OpenLine[] {
  const open = database.prepare(
    `SELECT b.seq, d.at, b.project, b.branch, b.seen, ${jobOfLine('b')} AS job, b.job IS NULL AS isRefused, j.outcome AS ended
     FROM branches AS b JOIN deliveries AS d USING (seq) LEFT JOIN jobs AS j ON j.job = ${jobOfLine('b')}
     WHERE b.seq > ? AND ${jobOfLine('b')} IS NOT NULL AND (j.job IS NULL OR (b.outcome = 'joined' AND j.outcome = 'superseded'))
     ORDER BY b.seq`,
  );
  const last = database.prepare('SELECT max(seq) AS seq FROM deliveries');
  const isEnded = database.prepare('SELECT 1 FROM jobs WHERE job = ?');
  let settled = 0;

  return () => {
    const upTo = Number(last.get()?.['seq'] ?? 0);
    const lines: OpenLine[] = [];
    let first: number | null = null;
    for (const row of open.all(settled)) {
      const { seq, seen: commit, ended, ...line } = Row.parse(row);
      const followers = ended === null ? [] : followersOf(database, { seq, project: line.project }, line);
      if (ended !== null && (followers.length === 0 || followers.some((id) => isEnded.get(id) !== undefined))) continue;
      first ??= seq;
      lines.push({
        ...line,
        commit,
        job: followers.at(-1) ?? line.job,
        awaited: ended === null ? [line.job] : followers,
        joined: ended === null ? null : line.job,
      });
    }
    settled = first === null ? upTo : first - 1;
    return lines;
  };
}
