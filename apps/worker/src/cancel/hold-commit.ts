import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Decision, Deployment } from '@bough/core/state/deployment.ts';
import { note } from '@bough/host/operate/note.ts';
import { changeDeployment } from '@bough/host/state/project-store.ts';
import type { Running } from '../running-build.ts';
import type { CancelHost } from './cancel-build.ts';

/** What is cancelled, and by whom. */
export interface Held {
  readonly id: DeploymentId;
  readonly branch: string;
  readonly decision: Decision;
  /** What is being built and was told to stop: from then on it records nothing. */
  readonly running: Running | null;
}

/**
 * Records that a commit is not to be built, and who says so. Where that was built before there is nothing to record. `false`: the running build
 * had come to its end before it was told to stop.
 */
export async function holdCommit(host: CancelHost, held: Held, commit: string): Promise<boolean> {
  const { id, branch, decision, running } = held;
  if (isHeld(await host.store.read(id), decision, commit)) return true; // by the deletion this is a part of; it may hold the lock for long
  if (host.store.isLocked(id)) host.interrupt(id); // it may verify for a minute; it begins anew behind us
  return await host.store.withLock(id, async () => {
    const known = await host.store.read(id);
    if (known !== null && running !== null && isSettled(known, commit, running)) return false;
    const line = { ...decision, kind: 'cancel', commit };
    // Noted first, as other operations are: no commit is held that nobody is on record for. A new branch has no folder yet.
    if (known?.branch === branch) await note(host.layout, id, line);
    await changeDeployment(host, id, branch, (deployment) =>
      isSettled(deployment, commit, running)
        ? deployment
        : { ...deployment, head: { outcome: 'cancelled', commit, ...decision } },
    );
    if (known === null) await note(host.layout, id, line);
    return true;
  });
}

function isHeld(known: Deployment | null, { by, why }: Decision, commit: string): boolean {
  const head = known?.head;
  return head?.outcome === 'cancelled' && head.commit === commit && head.by === by && head.why === why;
}

/** Whether what was asked for stands already: by an earlier build, or by the running one just before it was told to stop. */
function isSettled({ head }: Deployment, commit: string, running: Running | null): boolean {
  if (head === null || head.commit !== commit || head.outcome === 'cancelled') return false;
  return running === null ? 'release' in head : Date.parse(head.at) >= running.began;
}
