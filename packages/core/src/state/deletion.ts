import type { Decision, Ruling } from './deployment.ts';

/** The limits of a project begin otherwise. */
const beginning = 'deleted by ';

/** What is on record of a deployment that a person deleted: it has expired, as if its time to live had run out. */
export function deletion({ by, at, why }: Decision): Ruling {
  return { at, why: `${beginning}${by}${why === '' ? '' : `: ${why}`}`.slice(0, 1_024) };
}

/** Whether a person took a deployment down, and not the limits of its project. */
export function isDeletion({ why }: Ruling): boolean {
  return why.startsWith(beginning);
}
