import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@bough/core/app-error.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { BuildHost } from './build-host.ts';

/** Whether a release's output is still there and would still be run the same way: settings of the project may differ. */
export async function hasManifest(
  host: Pick<BuildHost, 'config' | 'readManifest'>,
  release: Release,
): Promise<boolean> {
  const project = host.config.projects[release.project];
  if (project === undefined) return false;
  try {
    return isDeepStrictEqual(await host.readManifest(release.outPath, project), release.manifest);
  } catch (error) {
    if (error instanceof AppError) return false; // collected: it is built again
    throw error;
  }
}
