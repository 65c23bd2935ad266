import { readdir } from 'node:fs/promises';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import type { DeploymentStore } from '@bough/host/state/deployment-store.ts';
import type { UnitFiles } from '@bough/host/systemd/unit-files.ts';

/**
 * The next sequence number of a deployment. It is above every number any trace is left of: a unit may outlive the record
 * of its release, and its name must never be given to another.
 */
export async function nextSeq(
  host: { readonly store: DeploymentStore; readonly layout: Layout; readonly unitFiles: UnitFiles },
  id: DeploymentId,
): Promise<number> {
  const recorded = (await host.store.read(id))?.lastSeq ?? 0;
  const files = (await readdir(host.layout.releases(id)).catch(() => [])).map((name) => Number.parseInt(name, 10));
  const units = (await host.unitFiles.names())
    .map(parseUnitName)
    .filter((unit) => unit !== null)
    .filter(({ project, slug }) => project === id.project && slug === id.slug)
    .map(({ seq }) => seq);
  return Math.max(recorded, ...files.filter(Number.isSafeInteger), ...units) + 1;
}
