import { whyExcluded } from '@bough/core/branch-patterns.ts';
import type { Project } from '@bough/core/config/project.ts';
import type { RefFinding } from '@bough/core/reconcile/compare-refs.ts';
import { newDeployment } from '@bough/core/state/deployment.ts';
import { noteRivals } from '../state/note-rivals.ts';
import type { SweepHost } from './sweep-host.ts';

/** Does what a difference that was seen after `since`, in ms of the monotonic clock, asks for, and says it in a line. */
export async function actOn(
  host: SweepHost,
  project: string,
  settings: Project,
  finding: RefFinding,
  since: number,
  signal: AbortSignal,
): Promise<string> {
  const build = async (branch: string, commit: string, reason: string) =>
    await askForBuild(host, { project, branch, commit, reason, since, signal });
  if (finding.kind === 'build') return await build(finding.branch, finding.commit, finding.reason);

  const { branch, slug } = finding;
  const id = { project, slug };
  if (finding.kind === 'rivals') {
    const { rivals } = finding;
    await noteRivals(host.store, id, () => rivals);
    return `rivals ${project} ${branch}: ${rivals.join(', ') || 'no other branch'} has its slug ${slug}`;
  }
  const { reason } = finding;
  if (host.store.isLocked(id)) host.interrupt(id); // what is to go needs no health check to its end
  const commit = await host.store.withLock(id, async () => {
    // The refs are as old as the wait for the lock was long, and the branch may have been pushed again.
    const isExcluded = whyExcluded(settings, branch) !== null;
    const head = isExcluded ? undefined : (await host.lsRemote(settings.remote, signal, branch)).get(branch);
    if (head !== undefined) return head;
    host.cancelBuild(id, reason);
    const deployment = (await host.store.read(id)) ?? newDeployment(id, branch);
    await host.store.write({ ...deployment, present: false, desired: null });
    return null;
  });
  if (commit !== null) return await build(branch, commit, 'the branch is there again');
  await host.enqueueReconcile(id, { urgent: true });
  return `remove ${project} ${branch}: ${reason}`;
}

interface Wanted {
  readonly project: string;
  readonly branch: string;
  readonly commit: string;
  readonly reason: string;
  /** When it was looked at, in ms of the monotonic clock. */
  readonly since: number;
  readonly signal: AbortSignal;
}

async function askForBuild(host: SweepHost, wanted: Wanted): Promise<string> {
  const { project, branch, commit, reason, since, signal } = wanted;
  const what = `${project} ${branch} at ${commit.slice(0, 12)}`;
  // One more run would follow it, with nothing to do, or failing once more. What does not end well the next sweep finds.
  if (await host.wasBuilding({ project, slug: host.slugOf(branch) }, commit, since, signal))
    return `${what} is being built or has just been: ${reason}`;
  await host.enqueueBuild(project, branch, commit);
  return `build ${what}: ${reason}`;
}
