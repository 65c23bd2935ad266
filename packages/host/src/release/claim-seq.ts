import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import type { UnitFiles } from '../systemd/unit-files.ts';

/** What claiming a number needs of the host. */
export interface ClaimHost {
  readonly store: DeploymentStore;
  readonly layout: Layout;
  readonly unitFiles: UnitFiles;
}

/** A sequence number nobody else gets. Let go once its release is on record, or comes to nothing. */
export interface ClaimedSeq {
  readonly seq: number;
  readonly letGo: () => Promise<void>;
}

/**
 * Claims the next sequence number of a deployment. It is above every number any trace is left of: a unit may outlive the
 * record of its release, and its name must never be given to another. The claim is a file beside the releases, so that a
 * build need not hold the deployment's lock for its whole length; one that a crash left is pruned with stray roots.
 */
export async function claimSeq(host: ClaimHost, id: DeploymentId): Promise<ClaimedSeq> {
  const folder = host.layout.releases(id);
  await mkdir(folder, { recursive: true });
  for (;;) {
    const seq = await nextSeq(host, id);
    const claim = `${folder}/${seq}-claim`;
    try {
      await writeFile(claim, '', { flag: 'wx' });
      return { seq, letGo: () => rm(claim, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

async function nextSeq({ store, layout, unitFiles }: ClaimHost, id: DeploymentId): Promise<number> {
  const recorded = (await store.read(id))?.lastSeq ?? 0;
  const files = (await readdir(layout.releases(id))).map((name) => Number.parseInt(name, 10));
  const units = (await unitFiles.names())
    .map(parseUnitName)
    .filter((unit) => unit !== null)
    .filter(({ project, slug }) => project === id.project && slug === id.slug)
    .map(({ seq }) => seq);
  return Math.max(recorded, ...files.filter(Number.isSafeInteger), ...units) + 1;
}
