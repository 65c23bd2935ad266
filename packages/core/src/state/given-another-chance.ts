import type { Release } from './release.ts';

/** A release that failed as if nobody had judged it yet: prepared, verified and on probation anew. */
export function givenAnotherChance(release: Release): Release {
  return { ...release, verdict: { state: 'pending' }, prepared: false, switchedAt: null };
}
