import type { BuildJob } from '@bough/core/queue/jobs.ts';
import type { Job } from 'bullmq';
import type { Running } from '../running-build.ts';
import type { CancelHost } from './cancel-build.ts';
import { type BranchOf, findPending } from './find-builds.ts';
import { findFollower } from './follower.ts';

/** What was found of a branch to be stopped. */
export interface Found {
  readonly running: Running | null;
  readonly waiting: readonly Job<BuildJob>[];
  /** What would have followed the running build. */
  readonly follower: BuildJob | null;
}

/**
 * The commit a cancel is about; `null`: it cannot be told. Whatever was asked for besides a running build is of whatever the
 * head is, unless that was pushed since: a push finds no job to join any more, so it has one of its own that saw the head.
 */
export async function commitMeant(host: CancelHost, of: BranchOf, found: Found): Promise<string | null> {
  const { running, waiting, follower } = found;
  const isMore = waiting.length > 0 || follower !== null;
  if (running === null && !isMore) return null;
  const seen = waiting.at(-1)?.data.seen ?? follower?.seen ?? running?.commit ?? null;
  if (seen !== null && !isMore) return seen;
  const head = await headOf(host, of);
  return head === null || (await isAskedForAnew(host, of, found, head)) ? seen : head;
}

/** Whether the branch has another head than an earlier run of a cancel was about: then nothing is left of that to be built. */
export async function hasMovedOn(host: CancelHost, of: BranchOf, commit: string): Promise<boolean> {
  const head = await headOf(host, of);
  return head !== null && head !== commit;
}

async function isAskedForAnew(host: CancelHost, of: BranchOf, found: Found, head: string): Promise<boolean> {
  const known = new Set([found.running?.jobId, ...found.waiting.map((job) => job.id)]);
  const others = (await findPending(host, of)).filter((job) => !known.has(job.id)).map(({ data }) => data);
  const follower = await host.gate('what is to be built', () => findFollower(host, of));
  return [...others, follower].some((asked) => asked?.seen === head);
}

/** `null` where the branch is gone, or it cannot be told. */
async function headOf(host: CancelHost, { project, branch }: BranchOf): Promise<string | null> {
  return await host.headOf(project, branch).catch((err: unknown) => {
    host.log.warn({ err, project, branch }, 'the head of a cancelled branch cannot be told');
    return null;
  });
}
