import { type Ask, whyNotAsked } from '@bough/core/queue/ask.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { Mirror } from '@bough/host/git/mirror.ts';

/** The head of a branch, what was asked for of the branch, and what became of that so far. */
export interface AskedHead {
  readonly commit: string;
  readonly message: string;
  readonly asks: readonly Ask[];
  readonly recorded: Deployment | null;
  readonly releases: readonly Release[];
  /** What is being built. */
  readonly building?: string;
}

/** Why a head asks not to be built, or its push does, and a commit in it that was asked for before and is owed still. */
export interface Unwanted {
  readonly reason: string;
  readonly owed: string | null;
}

/** Whether a head is not to be built; `null`: it is. */
export async function whyUnwanted(mirror: Mirror, project: string, head: AskedHead): Promise<Unwanted | null> {
  const reason = whyNotAsked(head, head.asks);
  return reason === null ? null : { reason, owed: await findOwed(mirror, project, head) };
}

/**
 * The last commit that is in the head, was asked for, and is in nothing that was built or is being built. A head that was skipped settles
 * none: what it settled is forgotten, see `forgetAsks`.
 */
async function findOwed(mirror: Mirror, project: string, { commit: head, asks, ...of }: AskedHead) {
  const { recorded, releases, building } = of;
  const last = recorded === null || recorded.head?.outcome === 'skipped' ? null : recorded.head;
  const known = [...releases.map(({ commit }) => commit), last?.commit ?? [], building ?? []].flat();
  for (const commit of new Set(asks.map((ask) => ask.commit))) {
    if (commit === head) continue;
    const message = await mirror.messageOfNew(project, commit, head, known);
    if (message !== null && whyNotAsked({ commit, message }, asks) === null) return commit;
  }
  return null;
}
