import * as z from 'zod';

/**
 * A pattern of branch names. `*` stands for any text without a slash and `**` for any text; `a/**` followed by `/b` also
 * matches `a/b`, as in a shell. Everything else stands for itself. What git allows in no name is refused: it never matches.
 */
export const BranchPattern = z
  .string()
  .min(1, 'is empty')
  .max(255, 'is longer than any branch name')
  .regex(
    /^[^\u0000-\u0020\u007f~^:?[\\]*$/u,
    'matches no branch: git allows no space and none of ~ ^ : ? [ \\ in a name',
  );
export type BranchPattern = z.infer<typeof BranchPattern>;

/** A pattern of files in a repository, from its root: as `BranchPattern`, but for what a name may hold. */
export const PathPattern = z
  .string()
  .min(1, 'is empty')
  .max(1024, 'is longer than a path should be')
  .regex(
    /^[^/\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$/u,
    'must be a path from the root of the repository, such as src/**',
  );
export type PathPattern = z.infer<typeof PathPattern>;

/** Whether a branch matches a `BranchPattern`, or a path a `PathPattern`: all of it, case and all. Takes time in proportion to their lengths, whatever they hold. */
export function matchesPattern(pattern: string, branch: string): boolean {
  if (pattern === '**') return true;
  // For every position in `branch`, whether the part of the pattern read so far can end there.
  let ends = Array.from({ length: branch.length + 1 }, (_, end) => end === 0);
  for (const part of pattern.split(/((?<![^/])\*\*\/|\*+)/)) ends = endsAfter(part, branch, ends);
  return ends.at(-1) === true;
}

/** Which branches a project deploys; a `Project` is one. */
export interface BranchFilter {
  readonly production: string;
  readonly include: readonly BranchPattern[];
  readonly exclude: readonly BranchPattern[];
}

/** Why a branch is not deployed; `null`: it is. The production branch always is. */
export function whyExcluded({ production, include, exclude }: BranchFilter, branch: string): string | null {
  if (branch === production) return null;
  const excluding = exclude.find((pattern) => matchesPattern(pattern, branch));
  if (excluding !== undefined) return `the project excludes branches that match ${excluding}`;
  if (include.some((pattern) => matchesPattern(pattern, branch))) return null;
  return `the project includes only branches that match ${include.join(' or ') || 'nothing'}`;
}

function endsAfter(part: string, branch: string, before: readonly boolean[]): boolean[] {
  const after: boolean[] = [];
  let started = false;
  for (const [end, here] of before.entries()) {
    const last = branch[end - 1];
    if (part === '**/') after.push(here || (started && last === '/'));
    else if (part === '*') after.push(here || (after[end - 1] === true && last !== '/'));
    else if (part.startsWith('*')) after.push(here || started);
    else after.push(before[end - part.length] === true && branch.startsWith(part, end - part.length));
    started ||= here;
  }
  return after;
}
