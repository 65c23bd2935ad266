import type { DatabaseSync } from 'node:sqlite';
import type { BranchLine, ShownEnd } from '@bough/core/ledger/delivery-line.ts';
import { deliveryJobId } from '@bough/core/queue/job-id.ts';
import { sha256 } from '../slug.ts';

type ShownBranch = BranchLine & { readonly ended: ShownEnd | null };

/** Which line of which delivery. */
interface LineOf {
  readonly seq: number;
  readonly project: string;
}

const mostJoined = 50; // of one job: the latest of them is the one BullMQ makes a job of

/**
 * The runs that may have followed the job a push joined: one does, under the id of the last delivery that joined it. The
 * latest first, the last one being of this very push.
 */
export function followersOf(
  database: DatabaseSync,
  { seq, project }: LineOf,
  { branch, job }: Pick<BranchLine, 'branch' | 'job'>,
): string[] {
  return database
    .prepare(
      `SELECT d.delivery FROM branches AS b JOIN deliveries AS d USING (seq)
       WHERE b.project = ? AND b.branch IS ? AND b.job = ? AND b.outcome = 'joined' AND b.seq >= ?
       ORDER BY b.seq DESC LIMIT ?`,
    )
    .all(project, branch, job, seq, mostJoined)
    .map(({ delivery }) => deliveryJobId(project, String(delivery), branch, sha256))
    .filter((id) => id !== job);
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
    return { job: id, ended: { at: Number(end['at']), outcome: String(end['outcome']), reason } };
  }
  return ended.outcome === 'superseded' ? { ended: null } : {};
}
