import * as z from 'zod';

// git-check-ref-format(1), the rules for one ref below refs/heads/.
const forbidden = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|\.$|\/$|^\/|^\.|^@$|^-/u;

/** A branch name git would accept, at most 255 bytes of UTF-8, without `refs/heads/`. */
export const BranchName = z
  .string()
  .min(1, 'is empty')
  .refine((name) => !forbidden.test(name), 'is not a branch name git accepts')
  .refine((name) => new TextEncoder().encode(name).length <= 255, 'is longer than 255 bytes');
export type BranchName = z.infer<typeof BranchName>;
