import { access, constants } from 'node:fs/promises';
import { AppError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import type { Rotate, Rotated } from '@bough/core/control/operation.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import { decideRotation, renewedRelease, withRenewed } from '@bough/core/operate/decide-rotation.ts';
import { settle } from '@bough/core/reconcile/settle.ts';
import type { Decision, Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { UnitHost } from '@bough/core/systemd/unit-host.ts';
import type { ClaimSeq } from '../release/claim-seq.ts';
import type { WithPorts } from '../release/ports-for.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import type { Systemd } from '../systemd/systemd.ts';

/** What rotating needs of the host. */
export interface RotateHost {
  readonly config: Config;
  readonly layout: Layout;
  readonly store: DeploymentStore;
  readonly claimSeq: ClaimSeq;
  readonly withPorts: WithPorts;
  readonly systemd: Systemd;
  readonly unitHost: (id: DeploymentId, branch: string) => UnitHost;
}

/** The deployment as it becomes, and what the rotation comes to. */
export interface DecidedRotation {
  readonly after: Deployment;
  readonly rotated: Rotated;
}

/**
 * Records a new release of the output that serves, so that it starts beside the old one, reads the new content of the
 * credential, and takes over once it is verified. Call it under the deployment's lock.
 * @throws AppError OPERATION_REFUSED for a credential the project does not have, APP_CREDENTIALS for a file that is not there
 */
export async function rotate(
  host: RotateHost,
  { credential, project }: Rotate,
  deployment: Deployment,
  releases: readonly Release[],
  decision: Decision,
): Promise<DecidedRotation> {
  mustBeKnown(host.config, project, credential);
  const { credentials } = host.unitHost(deployment, deployment.branch);
  const release = serves(host, deployment, releases);
  const states = await host.systemd.show(Object.keys(release?.units ?? {}));
  const rotated = decideRotation({
    deployment,
    release,
    units: new Map(states.map((state) => [state.name, state])),
    credentials: credentials.map(({ name }) => name),
    credential,
  });
  if (rotated !== 'restarted' || release === null) return { after: deployment, rotated };

  await mustBeReadable(credentials, deployment);
  const { seq, letGo } = await host.claimSeq(deployment);
  try {
    const renewed = await host.withPorts(release.manifest, async (ports) => {
      const found = renewedRelease(release, { seq, ports, credential, decision });
      await host.store.writeRelease(found);
      return found;
    });
    return { after: withRenewed(deployment, renewed), rotated };
  } finally {
    letGo();
  }
}

/** What serves; where nothing is fit to, what was meant to: the new content may be what it lacked. */
function serves({ config }: RotateHost, deployment: Deployment, releases: readonly Release[]): Release | null {
  const { target } = settle(deployment, releases, config.reconcile.keepReleases);
  return target ?? releases.find(({ seq }) => seq === deployment.desired) ?? null;
}

function mustBeKnown(config: Config, project: string, credential: string | null): void {
  const known = (config.projects[project]?.credentials ?? []).map(({ name }) => name);
  if (credential === null || known.includes(credential)) return;
  const there = known.length === 0 ? 'has none' : `has ${known.join(', ')}`;
  throw new AppError('OPERATION_REFUSED', `${project} has no credential ${credential}; it ${there}`);
}

/** Asked before anything is recorded: systemd would say only that some credential of a unit could not be set up. */
async function mustBeReadable(credentials: UnitHost['credentials'], { project, branch }: Deployment): Promise<void> {
  for (const { name, file } of credentials) {
    try {
      await access(file, constants.R_OK);
    } catch (cause) {
      throw new AppError(
        'APP_CREDENTIALS',
        `the credential ${name} of ${project} ${branch} cannot be read from ${file}; what serves goes on with the old one`,
        { cause },
      );
    }
  }
}
