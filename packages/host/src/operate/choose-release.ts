import type { Operation } from '@bough/core/control/operation.ts';
import { decide } from '@bough/core/operate/decide.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import { findDeployment } from './find-deployment.ts';

/**
 * A rollback that names no release, with the one it comes to now: done twice, as after a restart, it then goes back one
 * release and not two. Throws what the operation would throw.
 */
export async function chooseRelease(store: DeploymentStore, operation: Operation, at: string): Promise<Operation> {
  if (operation.kind !== 'rollback' || operation.release !== null) return operation;
  const id = await findDeployment(store, operation.project, operation.branch);
  const deployment = await store.read(id);
  if (deployment === null) return operation;
  const decision = { by: operation.by, at, why: operation.why };
  return { ...operation, release: decide(operation, deployment, await store.readReleases(id), decision).desired };
}
