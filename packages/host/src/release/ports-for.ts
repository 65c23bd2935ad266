import { allocatePorts } from '@bough/core/allocate-ports.ts';
import type { Config } from '@bough/core/config/config.ts';
import type { Manifest } from '@bough/core/state/manifest.ts';
import { listeningPorts } from '../listening-ports.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';

/** A loopback port for each service that listens on `PORT`: on no release's record, and not listened on now. */
export async function portsFor(
  host: { readonly config: Config; readonly store: DeploymentStore },
  manifest: Manifest,
): Promise<Record<string, number>> {
  const taken = await listeningPorts();
  for (const id of await host.store.list()) {
    // A record that cannot be read must not stop the builds of all others; a port in use is seen as listened on.
    for (const release of await host.store.readReleases(id).catch(() => [])) {
      for (const port of Object.values(release.ports)) taken.add(port);
    }
  }
  const services = Object.entries(manifest.services).filter(([, { listen }]) => listen === 'port');
  return allocatePorts(
    services.map(([name]) => name),
    host.config.ports,
    taken,
  );
}
