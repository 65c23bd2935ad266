import * as z from 'zod';

/** A full commit hash, SHA-1 or SHA-256, lower case. */
export const Commit = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'is not a full commit hash');
export type Commit = z.infer<typeof Commit>;

/** The forges' way to say "no commit": all zeroes, before a create and after a delete. */
export function isNoCommit(hash: string): boolean {
  return /^0+$/.test(hash);
}
