import { readdir } from 'node:fs/promises';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import type { UnitFiles } from '../systemd/unit-files.ts';

/** What claiming numbers needs of the host. */
interface ClaimHost {
  readonly store: DeploymentStore;
  readonly layout: Layout;
  readonly unitFiles: UnitFiles;
}

/** A sequence number nobody else gets. Let go once its release is on record, or comes to nothing. */
export interface ClaimedSeq {
  readonly seq: number;
  readonly letGo: () => void;
}

/** Claims the next sequence number of a deployment. */
export type ClaimSeq = (id: DeploymentId) => Promise<ClaimedSeq>;

/**
 * The claims of this process, which are all there are: only one holds the worker lock. A number is above every one that is
 * claimed or that any trace is left of: a unit may outlive the record of its release, and its name must never be given to
 * another. So a build need not hold the deployment's lock for its whole length.
 */
export function createClaimSeq(host: ClaimHost): ClaimSeq {
  const claimed = new Map<string, number>();
  return async (id) => {
    const next = await nextSeq(host, id);
    // From here to the claim nothing is waited for, so no two get the same.
    const others = [...claimed].flatMap(([key, seq]) => (key.startsWith(`${deploymentKey(id)}/`) ? [seq] : []));
    const seq = Math.max(next, ...others.map((other) => other + 1));
    const key = `${deploymentKey(id)}/${seq}`;
    claimed.set(key, seq);
    return { seq, letGo: () => void claimed.delete(key) };
  };
}

async function nextSeq({ store, layout, unitFiles }: ClaimHost, id: DeploymentId): Promise<number> {
  const units = (await unitFiles.names())
    .map(parseUnitName)
    .filter((unit) => unit !== null)
    .filter(({ project, slug }) => project === id.project && slug === id.slug)
    .map(({ seq }) => seq);
  const recorded = (await store.read(id))?.lastSeq ?? 0;
  // Last: a claim that is let go meanwhile has its release here by then.
  const files = (await readdir(layout.releases(id)).catch(() => [])).map((name) => Number.parseInt(name, 10));
  return Math.max(recorded, ...files.filter(Number.isSafeInteger), ...units) + 1;
}
