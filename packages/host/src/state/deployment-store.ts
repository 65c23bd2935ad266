import { readdir, rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@bough/core/app-error.ts';
import { type DeploymentId, deploymentKey, DeploymentId as DeploymentIdSchema } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { Deployment } from '@bough/core/state/deployment.ts';
import { Release } from '@bough/core/state/release.ts';
import type * as z from 'zod';
import { namesIn, textOf } from '../if-there.ts';
import { isMissing } from '../is-missing.ts';
import type { Actions } from '../progress/actions.ts';
import { createSerialise } from '../serialise.ts';
import { syncFolder } from '../sync-folder.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';

/** Of a folder that somebody puts something into while it is removed, 100 ms and more apart. */
const maxRetries = 3;

/** The desired state and the releases of all deployments, as files below `stateDir/deployments`. One writer: the worker. */
export type DeploymentStore = ReturnType<typeof createDeploymentStore>;

/**
 * Opens the store. Nothing is cached: each read is what the disk holds. Who waits for a lock is noted in `actions`.
 * All readers throw AppError STATE_INVALID for a file that is not what Bough wrote.
 */
export function createDeploymentStore(layout: Layout, actions?: Pick<Actions, 'begin'>) {
  const lanes = createSerialise(actions, (key) => `whoever works on ${key}`);

  return {
    /** The deployment, or `null` where nothing is recorded. */
    read: (id: DeploymentId) => readJson(layout.deploymentFile(id), Deployment, id),

    /** Records the deployment as desired. */
    write: (deployment: Deployment) =>
      writeFileAtomically(layout.deploymentFile(deployment), `${JSON.stringify(deployment, null, 2)}\n`),

    /** Every deployment that has a folder, in the order of its name. */
    async list(): Promise<DeploymentId[]> {
      const found: DeploymentId[] = [];
      for (const project of await folders(layout.deployments)) {
        for (const slug of await folders(`${layout.deployments}/${project}`)) {
          const id = DeploymentIdSchema.safeParse({ project, slug });
          if (id.success) found.push(id.data);
        }
      }
      return found;
    },

    /** All releases on record, oldest first. */
    async readReleases(id: DeploymentId): Promise<Release[]> {
      const names = (await namesIn(layout.releases(id))).filter((name) => /^\d+\.json$/.test(name));
      const releases = await Promise.all(names.map((name) => readJson(`${layout.releases(id)}/${name}`, Release, id)));
      return releases.filter((release) => release !== null).toSorted((a, b) => a.seq - b.seq);
    },

    /** Records a release, or its new verdict. */
    writeRelease: (release: Release) =>
      writeFileAtomically(layout.releaseFile(release, release.seq), `${JSON.stringify(release, null, 2)}\n`),

    /** Removes a release: its record first, then its GC root. */
    async removeRelease(id: DeploymentId, seq: number): Promise<void> {
      await rm(layout.releaseFile(id, seq), { force: true });
      await rm(layout.releaseRoot(id, seq), { force: true });
      if ((await namesIn(layout.releases(id))).length > 0) await syncFolder(layout.releases(id));
    },

    /** Removes everything of a deployment, its GC roots included. The record of it goes last. A build may open its log meanwhile. */
    async remove(id: DeploymentId): Promise<void> {
      await rm(layout.releases(id), { recursive: true, force: true });
      await rm(layout.buildLogs(id), { recursive: true, force: true, maxRetries });
      await rm(layout.deployment(id), { recursive: true, force: true, maxRetries });
      // Only when it was the project's last; a folder that still holds something stays.
      await rmdir(dirname(layout.deployment(id))).catch(() => undefined);
    },

    /** Whether something of this process works on the deployment now. */
    isLocked: (id: DeploymentId) => lanes.isBusy(deploymentKey(id)),

    /** Runs `work` while nothing else of this process works on the deployment. Waiters go in the order they came. */
    withLock: <T>(id: DeploymentId, work: () => Promise<T>): Promise<T> => lanes(deploymentKey(id), work),
  };
}

async function readJson<T extends DeploymentId>(
  path: string,
  schema: z.ZodType<T>,
  id: DeploymentId,
): Promise<T | null> {
  const text = await textOf(path);
  if (text === null) return null;
  try {
    const found = schema.parse(JSON.parse(text));
    if (found.project !== id.project || found.slug !== id.slug)
      throw new Error(`it is of ${deploymentKey(found)}: was the folder copied?`);
    return found;
  } catch (cause) {
    throw new AppError('STATE_INVALID', `${path} cannot be read; restore it, or remove it and run a sweep`, { cause });
  }
}

async function folders(path: string): Promise<string[]> {
  try {
    const found = await readdir(path, { withFileTypes: true });
    return found
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
