import type { ForgeEvent } from './event.ts';

/** An event that leads nowhere, whatever is in it. */
export function otherEvent(eventName: string): ForgeEvent {
  return { kind: 'ignored', reason: `events of the kind ${eventName} are not for Bough` };
}

/** A fork was made. */
export const forked: ForgeEvent = { kind: 'ignored', reason: 'a fork was made, and forks are never built' };

/**
 * A pull or merge request. Its branch is built when it is pushed, if it is one of ours; what somebody else's repository
 * holds is never built. `source` and `target` tell repositories apart; a fork that was deleted has none.
 */
export function pullRequest(source: string | number | undefined, target: string | number | undefined): ForgeEvent {
  const isOurs = source !== undefined && source === target;
  const reason = isOurs
    ? 'a pull request; the push of its branch is what counts'
    : 'a pull request from a fork; it is built once a maintainer has pushed it to a branch of this repository';
  return { kind: 'ignored', reason };
}
