import type { Decision, Deployment, Ruling } from '../state/deployment.ts';
import type { Release } from '../state/release.ts';
import { describeHold } from '../operate/describe-hold.ts';
import type { UnitState } from '../systemd/unit-state.ts';
import { unitName } from '../unit-name.ts';

/**
 * What a person sees of a deployment. `live`: its process runs. `asleep`: the first request wakes it. `down`: requests
 * are led to it and nothing takes them. `failed`: nothing was ever fit to serve. `blocked`: a person's doing keeps its
 * first release from being started. `expired`: the limits of the project took it down.
 */
export type DeploymentState =
  | 'live'
  | 'asleep'
  | 'starting'
  | 'down'
  | 'failed'
  | 'blocked'
  | 'suspended'
  | 'expired'
  | 'waiting'
  | 'going';

/** A deployment at a glance. */
export interface Summary {
  readonly project: string;
  readonly branch: string;
  readonly slug: string;
  readonly state: DeploymentState;
  /** The release requests are led to, and its commit. */
  readonly serving: number | null;
  readonly commit: string | null;
  readonly desired: number | null;
  /** Since when requests are led to that release: its switch, a rollback to it, or the boot; a restart of its process is none. */
  readonly since: string | null;
  /** How many of its units have a process. */
  readonly processes: number;
  readonly pinned: Decision | null;
  readonly suspended: Decision | null;
  /** Why the limits of the project put it to sleep, and why they or a person took it down. */
  readonly asleep: Ruling | null;
  readonly expired: Ruling | null;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/** What is known of a deployment without asking anything but systemd and the disk. */
export interface Sighting {
  readonly deployment: Deployment;
  readonly releases: readonly Release[];
  /** Its units, by name. */
  readonly units: ReadonlyMap<string, UnitState>;
  readonly serving: number | null;
  /** When requests were led to that release. */
  readonly servingSince: Date | null;
  /** What a person did that keeps the desired release from being started, a sentence each. */
  readonly blocks: readonly string[];
}

/** Sums a deployment up. Pure: the same sighting gives the same words. */
export function summarise(sighting: Sighting): Summary {
  const { deployment, releases, units, serving, servingSince } = sighting;
  const { project, slug, branch, desired, pinned, suspended, asleep, expired } = deployment;
  const release = releases.find(({ seq }) => seq === serving);
  return {
    project,
    branch,
    slug,
    state: stateOf(sighting),
    serving,
    commit: release?.commit ?? null,
    desired,
    since: servingSince?.toISOString() ?? null,
    processes: [...units.values()].filter(({ mainPid }) => mainPid > 0).length,
    pinned,
    suspended,
    asleep,
    expired,
    notes: notesOf(sighting),
  };
}

function stateOf({ deployment, releases, units, serving, blocks }: Sighting): DeploymentState {
  if (!deployment.present) return 'going';
  if (deployment.suspended !== null) return 'suspended';
  if (deployment.expired !== null) return 'expired';
  if (serving === null) return blocks.length > 0 ? 'blocked' : withoutSocket(deployment, releases);
  const web = { project: deployment.project, slug: deployment.slug, seq: serving, service: 'web' };
  const program = units.get(unitName({ ...web, role: 'process' }));
  const socket = units.get(unitName({ ...web, role: 'socket' }));
  if (program?.active === 'active') return 'live';
  if (program?.active === 'activating') return 'starting';
  if (socket?.active === 'active' && program?.active !== 'failed') return 'asleep';
  return 'down';
}

function withoutSocket({ desired, head }: Deployment, releases: readonly Release[]): DeploymentState {
  if (desired === null) return head?.outcome === 'failed' ? 'failed' : 'waiting';
  return releases.find(({ seq }) => seq === desired)?.verdict.state === 'failed' ? 'failed' : 'starting';
}

function notesOf(sighting: Sighting): string[] {
  const { deployment, releases, units, serving, blocks } = sighting;
  const { head, desired, pinned, suspended, asleep, expired, rivals } = deployment;
  const notes: string[] = [];
  if (pinned !== null) notes.push(`pinned to release ${desired} by ${pinned.by}${reason(pinned)}`);
  if (suspended !== null) notes.push(`suspended by ${suspended.by}${reason(suspended)}`);
  if (asleep !== null && stateOf(sighting) === 'asleep') notes.push(`put to sleep ${asleep.at}: ${asleep.why}`);
  if (expired !== null) notes.push(`expired ${expired.at}: ${expired.why}`);
  const wanted = releases.find(({ seq }) => seq === desired);
  if (wanted?.verdict.state === 'failed') notes.push(`release ${wanted.seq} failed: ${wanted.verdict.code}`);
  else if (desired !== null && desired !== serving && suspended === null && expired === null && deployment.present)
    notes.push(
      blocks.length > 0 ? `release ${desired} is not started: ${blocks.join('; ')}` : `release ${desired} is to serve`,
    );
  const newest = Math.max(0, ...releases.map(({ seq }) => seq));
  if (pinned !== null && newest > (desired ?? 0)) notes.push(`release ${newest} is newer`);
  if (head?.outcome === 'failed') notes.push(`its head ${head.commit.slice(0, 12)} failed: ${head.code}`);
  if (head?.outcome === 'unchanged')
    notes.push(`its head ${head.commit.slice(0, 12)} is unchanged since release ${head.release}`);
  if (head?.outcome === 'skipped') notes.push(`its head ${head.commit.slice(0, 12)} was skipped: ${head.reason}`);
  const held = head === null ? null : describeHold(head, head.commit);
  if (head !== null && held !== null) notes.push(`its head ${head.commit.slice(0, 12)} was ${held}`);
  for (const rival of rivals) notes.push(`${rival} is not deployed: it has the same slug, ${deployment.slug}`);
  for (const { name, load, active, restarts, dropIns } of units.values()) {
    if (load === 'masked') notes.push(`${name} is masked`);
    if (active === 'failed') notes.push(`${name} has failed`);
    if (restarts > 0) notes.push(`${name} was restarted ${restarts} times`);
    if (dropIns.length > 0) notes.push(`${name} is changed by ${dropIns.join(', ')}`);
  }
  return notes;
}

function reason({ why }: Decision): string {
  return why === '' ? '' : `: ${why}`;
}
