import type { Decision, Deployment } from '@bough/core/state/deployment.ts';

/** Whether a person decided which release is desired. */
export function isPinned({ pinned, desired }: Deployment): boolean {
  return pinned !== null && desired !== null;
}

/** Why a new release is not started; `null` when it is. */
export function heldBack(deployment: Deployment | null): string | null {
  if (deployment === null) return null;
  const { branch, desired, pinned, suspended } = deployment;
  if (pinned !== null && desired !== null) return `${branch} is pinned to release ${desired} ${decided(pinned)}`;
  return suspended === null ? null : `${branch} is suspended ${decided(suspended)}`;
}

function decided({ by, why }: Decision): string {
  return `by ${by}${why === '' ? '' : `: ${why}`}`;
}
