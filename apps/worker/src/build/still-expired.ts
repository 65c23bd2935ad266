import { isDeepStrictEqual } from 'node:util';
import type { Deployment, Expiry } from '@bough/core/state/deployment.ts';

/**
 * What keeps a deployment down although its head is recorded; `null`: nothing. A push brings back what had expired before its job
 * began, and what the limits took down meanwhile; not what a person has deleted since, who saw that push.
 */
export function stillExpired({ expired }: Pick<Deployment, 'expired'>, before: Expiry | null): Expiry | null {
  return expired?.by === undefined || isDeepStrictEqual(expired, before) ? null : expired;
}
