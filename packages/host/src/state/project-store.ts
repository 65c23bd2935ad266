import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@bough/core/app-error.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { type Deployment, newDeployment } from '@bough/core/state/deployment.ts';
import { ProjectRecord } from '@bough/core/state/project-record.ts';
import { slugTaken } from '@bough/core/state/slug-taken.ts';
import { isMissing } from '../is-missing.ts';
import { syncFolder } from '../sync-folder.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';
import type { DeploymentStore } from './deployment-store.ts';

/** Where projects and their deployments are on record. */
export interface ProjectHost {
  readonly layout: Layout;
  readonly store: DeploymentStore;
}

/**
 * What is recorded of a project; `null`: nothing, so it is not suspended.
 * @throws AppError STATE_INVALID for a file that is not what Bough wrote
 */
export async function readProject(
  { layout }: Pick<ProjectHost, 'layout'>,
  project: string,
): Promise<ProjectRecord | null> {
  const path = layout.projectFile(project);
  try {
    const record = ProjectRecord.parse(JSON.parse(await readFile(path, 'utf8')));
    if (record.project !== project) throw new Error(`it is of ${record.project}: was the file copied?`);
    return record;
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new AppError('STATE_INVALID', `${path} cannot be read; restore it, or remove it to lift the suspension`, {
      cause,
    });
  }
}

/** Records what `decide` makes of a project's record, while no branch is recorded for the first time; gives both. */
export async function changeProject(
  host: ProjectHost,
  project: string,
  decide: (before: ProjectRecord | null) => ProjectRecord | null,
): Promise<{ readonly before: ProjectRecord | null; readonly after: ProjectRecord | null }> {
  const path = host.layout.projectFile(project);
  return await host.store.withLock(whole(project), async () => {
    const before = await readProject(host, project);
    const after = decide(before);
    if (after === before) return { before, after };
    if (after !== null) {
      await writeFileAtomically(path, `${JSON.stringify(after, null, 2)}\n`);
    } else {
      await rm(path);
      await syncFolder(dirname(path));
    }
    return { before, after };
  });
}

/**
 * Records what `change` makes of a deployment, and gives what it was before. One that is new begins suspended where its
 * project is: whoever lists the project's branches after suspending it finds every one that did not. Call it under the
 * deployment's lock.
 * @throws AppError SLUG_TAKEN where the deployment is another branch's
 */
export async function changeDeployment(
  host: ProjectHost,
  id: DeploymentId,
  branch: string,
  change: (before: Deployment) => Deployment,
): Promise<Deployment> {
  const recorded = await host.store.read(id);
  if (recorded !== null) {
    if (recorded.branch !== branch) throw slugTaken(recorded, branch);
    await host.store.write(change(recorded));
    return recorded;
  }
  return await host.store.withLock(whole(id.project), async () => {
    const suspended = (await readProject(host, id.project))?.suspended ?? null;
    const begun = { ...newDeployment(id, branch), suspended };
    await host.store.write(change(begun));
    return begun;
  });
}

/** No slug has a star: what is done to a project as a whole is kept apart from its deployments. */
function whole(project: string): DeploymentId {
  return { project, slug: '*' };
}
