import { type ErrorCode, errorTable } from '../error-table.ts';
import type { BranchStatus } from '../stack/page.ts';
import type { Deployment } from '../state/deployment.ts';
import type { Release } from '../state/release.ts';
import { dutyOf } from '../systemd/unit-duty.ts';

/**
 * What visitors are told of a branch when it does not answer; `null`: nothing in particular. `isServed`: requests are led
 * to a release already. `isBlocked`: a person's doing keeps the target from being started.
 */
export function statusOf(
  deployment: Deployment,
  releases: readonly Release[],
  target: Release | null,
  { isServed, isBlocked }: { readonly isServed: boolean; readonly isBlocked: boolean },
): BranchStatus | null {
  if (deployment.suspended !== null) return { state: 'suspended' };
  if (deployment.expired !== null) return { state: 'expired' };
  if (target === null) {
    const verdict = releases.find(({ seq }) => seq === deployment.desired)?.verdict;
    if (verdict?.state === 'failed') return { state: 'failed', ...known(verdict.code) };
    const { desired, head } = deployment;
    if (desired !== null) return null;
    if (head?.outcome === 'cancelled') return { state: 'cancelled' };
    return head?.outcome === 'failed' ? { state: 'failed', ...known(head.code) } : null;
  }
  if (!isServed) return { state: isBlocked ? 'blocked' : 'starting' };
  const sleeps =
    deployment.asleep !== null ||
    Object.entries(target.units ?? {}).some(([unit, text]) => dutyOf(unit, text) === 'wakes');
  return sleeps ? { state: 'sleeping' } : null;
}

function known(code: string): { code?: ErrorCode } {
  const found = Object.keys(errorTable).find((name): name is ErrorCode => name === code);
  return found === undefined ? {} : { code: found };
}
