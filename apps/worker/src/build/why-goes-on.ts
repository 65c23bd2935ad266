import type { Building } from '../supersede.ts';
import type { BuildHost } from './build-host.ts';
import { whyUnwanted } from './why-unwanted.ts';

/**
 * Why the running build of a branch goes on although the branch has another head: that is not to be built, and nothing that was asked for is in it but
 * what is being built; `null`: it does not. The branch is fetched, as only its commit says so; who builds it next has it then.
 * @throws AppError SOURCE_* and DISK_FULL; the reason of `signal` when that aborts
 */
export function createWhyGoesOn(host: Pick<BuildHost, 'config' | 'mirror' | 'store' | 'readAsks'>) {
  return async ({ project, branch, slug, commit }: Building, signal: AbortSignal): Promise<string | null> => {
    const remote = host.config.projects[project]?.remote;
    if (remote === undefined) return null;
    const asks = await host.readAsks({ project, branch });
    await host.mirror.fetch(project, remote, signal);
    const head = await host.mirror.head(project, branch);
    if (head === null) return null;
    const [recorded, releases] = await Promise.all([
      host.store.read({ project, slug }),
      host.store.readReleases({ project, slug }),
    ]);
    const of = { ...head, asks, recorded, releases, building: commit };
    const unwanted = await whyUnwanted(host.mirror, project, of);
    return unwanted === null || unwanted.owed !== null ? null : unwanted.reason;
  };
}
