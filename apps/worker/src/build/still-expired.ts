import { isDeepStrictEqual } from 'node:util';
import { isDeletion } from '@bough/core/state/deletion.ts';
import type { Deployment, Ruling } from '@bough/core/state/deployment.ts';

/**
 * What keeps a deployment down although its head is recorded; `null`: nothing. A push brings back what had expired before its job
 * began, and what the limits took down meanwhile; not what a person has deleted since, who saw that push.
 */
export function stillExpired({ expired }: Pick<Deployment, 'expired'>, before: Ruling | null): Ruling | null {
  return expired === null || !isDeletion(expired) || isDeepStrictEqual(expired, before) ? null : expired;
}
