import { type Sha256, slugOf as slugOfWith } from '@bough/core/slug.ts';
import { createHash } from 'node:crypto';

/** SHA-256 of a UTF-8 text as lower-case hex. */
export const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** The slug of a branch: core's `slugOf` with Node's SHA-256. */
export function slugOf(branch: string): string {
  return slugOfWith(branch, sha256);
}
