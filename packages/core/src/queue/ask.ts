import * as z from 'zod';
import { Commit } from '../commit.ts';
import { skipsCi } from '../forge/skip-ci.ts';
import { BuildJob } from './jobs.ts';

/** What was asked for of a commit of a branch: to build it or, with a reason, not to. */
export const Ask = z.object({ commit: Commit, skip: BuildJob.shape.skip });
export type Ask = z.infer<typeof Ask>;

/** What a job asks for of the commit its asker saw; `null`: of none, but for whatever the head is. */
export function askOf({ seen, skip }: Pick<BuildJob, 'seen' | 'skip'>): Ask | null {
  return seen === undefined ? null : { commit: seen, ...(skip === undefined ? {} : { skip }) };
}

/** Why a commit asks not to be built, or its push does; `null`: neither does. A sweep, which cannot know, asks for it all the same. */
export function whyNotAsked(
  { commit, message }: { readonly commit: string; readonly message: string },
  asks: readonly Ask[],
): string | null {
  if (skipsCi(message)) return 'its message says not to build it';
  return asks.find((ask) => ask.commit === commit && ask.skip !== undefined)?.skip ?? null;
}
