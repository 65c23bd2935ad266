import type { Rotated } from '../control/operation.ts';
import type { Decision, Deployment } from '../state/deployment.ts';
import type { Release } from '../state/release.ts';
import { dutyOf } from '../systemd/unit-duty.ts';
import type { UnitState } from '../systemd/unit-state.ts';
import { parseUnitName } from '../unit-name.ts';

/** What is known of a deployment when a credential was rotated. */
export interface RotationFacts {
  readonly deployment: Deployment;
  /** What serves, or was to serve and failed. */
  readonly release: Release | null;
  /** What systemd says of its units, by name. */
  readonly units: ReadonlyMap<string, Pick<UnitState, 'active'>>;
  /** Names of the credentials the branch gets. */
  readonly credentials: readonly string[];
  /** The one that was rotated; `null`: any of them. */
  readonly credential: string | null;
}

/** Whether a deployment must start anew to read a rotated credential, or why not. A process reads it once, at its start. */
export function decideRotation({ deployment, release, units, credentials, credential }: RotationFacts): Rotated {
  const uses = credential === null ? credentials.length > 0 : credentials.includes(credential);
  if (!uses) return 'unused';
  if (deployment.suspended !== null) return 'suspended';
  if (!deployment.present || deployment.expired !== null || release === null) return 'not live';
  return isAsleep(release, units, deployment.asleep !== null) ? 'asleep' : 'restarted';
}

/** No process of it runs or is kept running: each is started by a connection or a timer, and none is now. */
function isAsleep(release: Release, units: RotationFacts['units'], byLimits: boolean): boolean {
  const processes = Object.entries(release.units ?? {}).filter(([unit]) => parseUnitName(unit)?.role === 'process');
  return (
    processes.length > 0 &&
    processes.every(
      ([unit, text]) =>
        dutyOf(unit, text, byLimits) !== 'stays' && (units.get(unit)?.active ?? 'inactive') === 'inactive',
    )
  );
}

/** What a renewed release is made of. */
export interface Renewal {
  readonly seq: number;
  readonly ports: Record<string, number>;
  readonly credential: string | null;
  readonly decision: Decision;
}

/** The same output as a release of its own: its units are rendered anew, and it is verified like any other. */
export function renewedRelease(release: Release, { seq, ports, credential, decision }: Renewal): Release {
  const { units: _, ...rest } = release;
  return {
    ...rest,
    seq,
    ports,
    asked: { by: 'person' },
    rotation: { ...decision, of: release.seq, credential },
    prepared: false,
    switchedAt: null,
    verdict: { state: 'pending' },
  };
}

/** The deployment with a renewed release desired. A pin stays; what stood for the head of the branch still does. */
export function withRenewed(deployment: Deployment, renewed: Release): Deployment {
  const { head } = deployment;
  const stands = head !== null && 'release' in head && head.release === renewed.rotation?.of;
  return {
    ...deployment,
    desired: renewed.seq,
    lastSeq: renewed.seq,
    head: stands ? { ...head, release: renewed.seq } : head,
  };
}
