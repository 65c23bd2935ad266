import type { DatabaseSync } from 'node:sqlite';
import type { ShownBranch } from '@bough/core/ledger/delivery-line.ts';
import { lost, refused } from '@bough/core/ledger/without-job.ts';

/** Which line of which delivery. */
interface LineOf {
  readonly seq: number;
  readonly project: string;
}

const mostJoined = 50; // of one job: the latest of them is the one BullMQ makes a job of

/**
 * The runs that may have followed the job a push joined: one does, under the own id of the last delivery that joined it. The
 * latest first, the last one being of this very push.
 */
export function followersOf(
  database: DatabaseSync,
  { seq, project }: LineOf,
  { branch, job }: Pick<ShownBranch, 'branch' | 'job'>,
): string[] {
  return database
    .prepare(
      `SELECT own FROM branches
       WHERE project = ? AND branch IS ? AND job = ? AND outcome = 'joined' AND seq >= ? AND own <> job
       ORDER BY seq DESC LIMIT ?`,
    )
    .all(project, branch, job, seq, mostJoined)
    .map(({ own }) => String(own));
}

/**
 * What became of a push that joined a running job: it is the end of the run that followed it that counts. Until it is there,
 * that the job it joined was superseded says nothing of it. Empty for what joined a job that waited, which has no follower.
 */
export function followerOf(
  database: DatabaseSync,
  line: LineOf,
  { branch, job, outcome, ended }: ShownBranch,
): Partial<Pick<ShownBranch, 'job' | 'ended'>> {
  if (outcome !== 'joined' || job === null || ended === null) return {};
  const endOf = database.prepare('SELECT at, outcome, reason FROM jobs WHERE job = ?');
  for (const id of followersOf(database, line, { branch, job })) {
    const end = endOf.get(id);
    if (end === undefined) continue;
    const reason = end['reason'] === null ? null : String(end['reason']);
    const at = Number(end['at']);
    // The same push, as it was sent before or again, has what no job of its own came to under the id such a run would have.
    const isRefusal = reason?.startsWith(refused) === true;
    const isEarlierLoss = reason?.startsWith(lost) === true && at <= ended.at; // what follows a job ends after it
    if ((isRefusal || isEarlierLoss) && ended.outcome !== 'superseded') continue;
    return { job: id, ended: { at, outcome: String(end['outcome']), reason } };
  }
  return ended.outcome === 'superseded' ? { ended: null } : {};
}
