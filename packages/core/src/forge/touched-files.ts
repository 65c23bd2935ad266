import * as z from 'zod';
import { isNoCommit } from '../commit.ts';
import type { TouchedFiles } from './event.ts';
import { listOf } from './list-of.ts';

/** A commit as GitHub and those who follow it list them in a push. */
export const PushedCommit = z.looseObject({
  id: z.string(),
  message: z.string().default(''),
  added: listOf(z.string()).nullish(),
  modified: listOf(z.string()).nullish(),
  removed: listOf(z.string()).nullish(),
});
export type PushedCommit = z.infer<typeof PushedCommit>;

/** What a list of commits has to keep to, to prove which files a push touched. */
export interface ListLimits {
  /** A list of so many commits may have been cut. */
  readonly commits: number;
  /** So many files in one commit may have been cut. */
  readonly files: number;
}

/**
 * The files of a push that its list of commits proves to be all: nothing dropped, nothing cut, nothing left out. A merge is told of
 * as against its first parent, so `git merge -s ours` lists nothing, and may undo on a branch what its second parent had.
 */
export function touchedFiles(
  push: { after: string; created: boolean; forced: boolean; commits: readonly PushedCommit[] },
  limits: ListLimits,
): TouchedFiles {
  const { after, created, forced, commits } = push;
  if (isNoCommit(after)) return { unproven: 'the branch is gone' };
  if (created) return { unproven: 'a new branch has nothing to be compared with' };
  if (forced) return { unproven: 'a forced push may have dropped commits' };
  if (!commits.some(({ id }) => id === after)) return { unproven: 'the list of commits lacks the head' };
  if (commits.length >= limits.commits) return { unproven: 'the list of commits may have been cut' };
  const paths = new Set<string>();
  for (const { added, modified, removed } of commits) {
    if (!added || !modified || !removed) return { unproven: 'a commit does not say which files it touched' };
    const files = [...added, ...modified, ...removed];
    if (files.length === 0) return { unproven: 'a commit that lists no file may be a merge that drops changes' };
    if (files.length >= limits.files) return { unproven: 'the list of files may have been cut' };
    for (const file of files) paths.add(file);
  }
  return { paths: [...paths] };
}
