import * as z from 'zod';

// git-check-ref-format(1), the rules for one ref below refs/heads/.
const forbidden = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|\.$|\/$|^\/|^\.|^@$|^-/u;

// Git takes them, but they would command a terminal (C1), break a line, or turn the direction of what is read.
const misleading = /[\u0080-\u009f\u2028\u2029\p{Bidi_Control}]/u;

/** A branch name git would accept and people can read, at most 255 bytes of UTF-8, without `refs/heads/`. */
export const BranchName = z
  .string()
  .min(1, 'is empty')
  .refine((name) => name.isWellFormed(), 'is not Unicode') // two such names would have one hash
  .refine((name) => !forbidden.test(name), 'is not a branch name git accepts')
  .refine((name) => !misleading.test(name), 'holds a character that changes how text is shown')
  .refine((name) => new TextEncoder().encode(name).length <= 255, 'is longer than 255 bytes');
export type BranchName = z.infer<typeof BranchName>;
