import { matchesPattern, type PathPattern } from '../branch-patterns.ts';
import type { TouchedFiles } from './event.ts';

/** Why a push is not built, or is although the project builds only for certain files. `null`: there is nothing to say. */
export type PathVerdict = { readonly skip: string } | { readonly note: string } | null;

/** What the path filter of a project makes of the files a push touched. No pattern: every push counts. */
export function judgePaths(patterns: readonly PathPattern[], touched: () => TouchedFiles): PathVerdict {
  if (patterns.length === 0) return null;
  const files = touched();
  if ('unproven' in files) return { note: `the path filter is left to the build: ${files.unproven}` };
  if (files.paths.some((path) => patterns.some((pattern) => matchesPattern(pattern, path)))) return null;
  return { skip: `it touches no file that matches ${patterns.join(' or ')}` };
}
