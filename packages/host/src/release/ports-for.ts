import { allocatePorts } from '@bough/core/allocate-ports.ts';
import type { Config } from '@bough/core/config/config.ts';
import { layoutOf } from '@bough/core/layout.ts';
import type { Manifest } from '@bough/core/state/manifest.ts';
import { namesIn, textOf } from '../if-there.ts';
import { listeningPorts } from '../listening-ports.ts';
import type { Actions } from '../progress/actions.ts';
import { createSerialise } from '../serialise.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';

interface PortsHost {
  readonly config: Config;
  readonly store: DeploymentStore;
  /** Where waiting for whoever records ports is noted. */
  readonly actions?: Pick<Actions, 'begin'> | undefined;
}

/**
 * Finds a loopback port for each service that listens on `PORT`, and lets `record` put them on a release's record. One at a time
 * for all deployments: until they are on record nobody else knows that they are taken.
 * @throws AppError PORTS_EXHAUSTED, and what `record` throws
 */
export type WithPorts = <T>(manifest: Manifest, record: (ports: Record<string, number>) => Promise<T>) => Promise<T>;

/** One for the process, which is the only one that records releases: it holds the worker lock. */
export function createWithPorts(host: PortsHost): WithPorts {
  const serialise = createSerialise(host.actions, () => 'whoever takes ports');
  return async (manifest, record) => await serialise('ports', async () => await record(await portsFor(host, manifest)));
}

/** On no release's record, in no unit of one whose record is lost and that sleeps, and not listened on now. */
async function portsFor({ config, store }: PortsHost, manifest: Manifest): Promise<Record<string, number>> {
  const taken = await listeningPorts();
  const { units } = layoutOf(config);
  for (const unit of await namesIn(units)) {
    const [, port] = /"PORT=(\d+)"/.exec((await textOf(`${units}/${unit}`)) ?? '') ?? [];
    if (port !== undefined) taken.add(Number(port));
  }
  for (const id of await store.list()) {
    // A record that cannot be read must not stop the builds of all others; a port in use is seen as listened on.
    for (const release of await store.readReleases(id).catch(() => [])) {
      for (const port of Object.values(release.ports)) taken.add(port);
    }
  }
  const services = Object.entries(manifest.services).filter(([, { listen }]) => listen === 'port');
  return allocatePorts(
    services.map(([name]) => name),
    config.ports,
    taken,
  );
}
