import { AppError } from '../app-error.ts';
import type { Choice } from '../control/operation.ts';
import type { Decision, Deployment } from '../state/deployment.ts';
import type { Release } from '../state/release.ts';
import { deletion } from '../state/deletion.ts';
import { listReleases } from './list-releases.ts';

/**
 * What a deployment becomes when a person asks for something: the very same object when it is so already.
 * @throws AppError OPERATION_REFUSED, with what can be chosen instead
 */
export function decide(
  operation: Choice,
  deployment: Deployment,
  releases: readonly Release[],
  decision: Decision,
): Deployment {
  const name = `${deployment.project} ${deployment.branch}`;
  if (!deployment.present) throw refuse(`${name} is being taken down: the forge has no such branch`);
  switch (operation.kind) {
    case 'rollback': {
      const desired = chooseRelease(operation.release, deployment, releases);
      return deployment.desired === desired && deployment.pinned !== null && deployment.expired === null
        ? deployment
        : { ...broughtBack(deployment, decision), desired, pinned: decision };
    }
    case 'pin':
      if (deployment.desired === null) throw refuse(`${name} has no release to pin: nothing was built yet`);
      return deployment.pinned === null ? { ...deployment, pinned: decision } : deployment;
    case 'unpin':
      return deployment.pinned === null
        ? deployment
        : { ...broughtBack(deployment, decision), pinned: null, desired: newestFit(deployment, releases) };
    case 'suspend':
      return deployment.suspended === null ? { ...deployment, suspended: decision, asleep: null } : deployment;
    case 'resume':
      return deployment.suspended === null && deployment.expired === null
        ? deployment
        : { ...deployment, suspended: null, expired: null, resumed: decision };
    case 'delete':
      return deployment.expired === null ? takenDown(deployment, releases, decision) : deployment;
  }
}

/** As if it had expired: the next push starts what it makes, whatever the branch was pinned to. */
function takenDown(deployment: Deployment, releases: readonly Release[], decision: Decision): Deployment {
  return {
    ...deployment,
    expired: deletion(decision),
    asleep: null,
    pinned: null,
    desired: deployment.pinned === null ? deployment.desired : newestFit(deployment, releases),
  };
}

/** Who chooses what serves wants it to: what had expired comes back, and its time to live counts from here. */
function broughtBack(deployment: Deployment, decision: Decision): Deployment {
  return deployment.expired === null ? deployment : { ...deployment, expired: null, resumed: decision };
}

/** The release to roll back to: the one asked for, or the newest verified one before the desired one. */
function chooseRelease(wanted: number | null, deployment: Deployment, releases: readonly Release[]): number {
  const name = `${deployment.project} ${deployment.branch}`;
  const verified = releases.filter(({ verdict }) => verdict.state === 'verified').toSorted((a, b) => b.seq - a.seq);
  // Not the one a rotation renewed: it is the same output.
  const renewed = releases.find(({ seq }) => seq === deployment.desired)?.rotation?.of;
  const before = verified.find(({ seq }) => seq < (deployment.desired ?? Number.POSITIVE_INFINITY) && seq !== renewed);
  const list = listReleases(releases, deployment.desired);
  if (wanted === null) {
    if (before === undefined)
      throw refuse(`${name} has no verified release before ${deployment.desired ?? 'the first'}; ${list}`);
    return before.seq;
  }
  const found = releases.find(({ seq }) => seq === wanted);
  if (found === undefined) throw refuse(`${name} keeps no release ${wanted}; ${list}`);
  if (found.verdict.state !== 'verified')
    throw refuse(`release ${wanted} of ${name} was never verified (${found.verdict.state}); ${list}`);
  return wanted;
}

/** The release of the branch's head when that is fit, else the newest that did not fail; the desired one where there is none. */
function newestFit({ desired, head }: Deployment, releases: readonly Release[]): number | null {
  const fit = releases.filter(({ verdict }) => verdict.state !== 'failed').map(({ seq }) => seq);
  // A head whose output is that of an older release stands by that one, not by the newest.
  if (head !== null && 'release' in head && fit.includes(head.release)) return head.release;
  return fit.length === 0 ? desired : Math.max(...fit);
}

function refuse(message: string): AppError {
  return new AppError('OPERATION_REFUSED', message);
}
