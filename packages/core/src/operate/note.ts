import * as z from 'zod';

/** A line of what was asked for, as far as anybody looks at it again. */
export const Note = z.looseObject({
  kind: z.string(),
  by: z.string().optional(),
  /** The job that decided it; a decision by the command line has none. */
  job: z.string().optional(),
  /** The release it made desired. */
  to: z.int().nullable().optional(),
});
export type Note = z.infer<typeof Note>;

/** What a job had decided by an earlier run of it, and the decision of somebody since, if there is one. */
export interface DecidedBefore {
  readonly to: number | null;
  readonly since: Note | null;
}

/** `null`: the job has decided nothing yet. `notes`: oldest first. */
export function decidedBefore(notes: readonly Note[], job: string | undefined): DecidedBefore | null {
  const index = job === undefined ? -1 : notes.findLastIndex((note) => note.job === job);
  const own = notes[index];
  if (own === undefined) return null;
  return { to: own.to ?? null, since: notes.slice(index + 1).findLast(isDecision) ?? null };
}

/** Not what Bough did by itself, nor the end of a build. */
function isDecision({ kind }: Note): boolean {
  return !['undo', 'expire', 'cancel'].includes(kind);
}
