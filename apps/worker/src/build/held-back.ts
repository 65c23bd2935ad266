import type { Decision, Deployment, Ruling } from '@bough/core/state/deployment.ts';

/** Whether a person decided which release is desired. */
export function isPinned({ pinned, desired }: Deployment): boolean {
  return pinned !== null && desired !== null;
}

/** Why a new release is not started; `null` when it is. `expired`: what keeps it down. */
export function heldBack(deployment: Deployment, expired: Ruling | null): string | null {
  const { branch, desired, pinned, suspended } = deployment;
  if (expired !== null) return `${branch} was ${expired.why}`;
  if (pinned !== null && desired !== null) return `${branch} is pinned to release ${desired} ${decided(pinned)}`;
  return suspended === null ? null : `${branch} is suspended ${decided(suspended)}`;
}

function decided({ by, why }: Decision): string {
  return `by ${by}${why === '' ? '' : `: ${why}`}`;
}
