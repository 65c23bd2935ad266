import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Deed } from './deed.ts';
import type { Action } from './schedule.ts';

/** How a branch stands by what people decided. */
interface Stand {
  readonly suspended: boolean;
  /** The release it is pinned to; `some`: nobody can tell which; `null`: it is not pinned. */
  readonly pinned: number | 'some' | null;
}

const undecided: Stand = { suspended: false, pinned: null };

/**
 * Where a branch does not stand as people decided: each decision that was not refused counts, in its order. One during which
 * the worker died may count or not. With a branch its decisions go, but one that is there again before a sweep has missed
 * it keeps them, and follows whatever is built next where it was pinned.
 */
export function judgeDecisions(
  { branch, suspended, pinned, desired }: Pick<Deployment, 'branch' | 'suspended' | 'pinned' | 'desired'>,
  deeds: readonly Deed[],
): string[] {
  const allowed = allowedStands(branch, deeds);
  const isAllowed = allowed.some(
    (stand) =>
      stand.suspended === (suspended !== null) &&
      (stand.pinned === 'some' ? pinned !== null : stand.pinned === (pinned === null ? null : desired)),
  );
  if (isAllowed) return [];
  const stand: Stand = { suspended: suspended !== null, pinned: pinned === null ? null : (desired ?? 'some') };
  return [`it is ${describeStand(stand)}, and should be ${allowed.map(describeStand).join(', or ')}`];
}

function allowedStands(branch: string, deeds: readonly Deed[]): Stand[] {
  let stands = [undecided];
  let isThere = false; // at the forge
  for (const deed of deeds) {
    const { action } = deed;
    if (!('branch' in action) || action.branch !== branch || deed.refused === true) continue;
    const decided = stands.map((stand) => decide(stand, deed));
    stands = deed.brokeOff === true ? [...stands, ...decided] : decided;
    if (['push', 'recreate'].includes(action.do)) isThere = true;
    if (action.do === 'delete') isThere = false;
    // What is decided while it is gone goes with it as well.
    if (!isThere || action.do === 'recreate') stands = stands.flatMap(forgotten);
    stands = [...new Map(stands.map((stand) => [describeStand(stand), stand])).values()];
  }
  return stands;
}

/** What each decision makes of a stand, where it leaves that release desired. */
const decisions: { readonly [Name in Action['do']]?: (stand: Stand, desired: number | 'some') => Stand } = {
  suspend: (stand) => ({ ...stand, suspended: true }),
  resume: (stand) => ({ ...stand, suspended: false }),
  // Of what is pinned it changes nothing.
  pin: (stand, desired) => (typeof stand.pinned === 'number' ? stand : { ...stand, pinned: desired }),
  unpin: (stand) => ({ ...stand, pinned: null }),
  rollback: (stand, desired) => ({ ...stand, pinned: desired }),
  // It renews the release a branch is pinned to.
  rotate: (stand, desired) => (stand.pinned === null ? stand : { ...stand, pinned: desired }),
};

function decide(stand: Stand, { action, desired }: Deed): Stand {
  return decisions[action.do]?.(stand, desired ?? 'some') ?? stand;
}

function forgotten(stand: Stand): Stand[] {
  return [stand, { ...stand, pinned: stand.pinned === null ? null : 'some' }, undecided];
}

function describeStand({ suspended, pinned }: Stand): string {
  const pin = pinned === null ? 'not pinned' : `pinned to ${pinned === 'some' ? 'some release' : `release ${pinned}`}`;
  return `${suspended ? 'suspended' : 'not suspended'} and ${pin}`;
}
