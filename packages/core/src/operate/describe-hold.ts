import type { HeadRecord } from '../state/deployment.ts';

/** Why a commit whose build was cancelled is not built; `null`: it was not cancelled. */
export function describeHold(head: HeadRecord | null, commit: string): string | null {
  if (head?.outcome !== 'cancelled' || head.commit !== commit) return null;
  return `${describeCancelled(head)}; it is held until another commit comes, \`bough deploy\` or a retry`;
}

/** Who cancelled a build, and why. */
export function describeCancelled({ by, why }: { readonly by: string; readonly why: string }): string {
  return `cancelled by ${by}${why === '' ? '' : `: ${why}`}`;
}
