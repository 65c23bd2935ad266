import type { Config } from '../config/config.ts';
import { deploymentKey, type DeploymentId } from '../deployment-id.ts';
import { settle } from '../reconcile/settle.ts';
import type { Deployment } from '../state/deployment.ts';
import type { Release } from '../state/release.ts';
import { bytesToFree, readableBytes } from './bytes-to-free.ts';

/** A deployment as the collector finds it. */
export interface GcDeployment {
  readonly id: DeploymentId;
  readonly deployment: Deployment | null;
  readonly releases: readonly Release[];
  /** Releases that have a unit still, installed or running: they go after it. */
  readonly seqsWithUnits: ReadonlySet<number>;
  /** GC roots in its folder, by the name of their file, with the store path they lead to. */
  readonly roots: ReadonlyMap<string, string>;
  /** Whole logs of builds. `commit` is the one it is about. */
  readonly logs: readonly { readonly commit: string; readonly bytes: number; readonly ageSec: number }[];
}

/** Everything a plan is made from. */
export interface GcObserved {
  readonly deployments: readonly GcDeployment[];
  /** What Nix's own copies of repositories take. */
  readonly repositoryBytes: number;
  /** Free for the store. */
  readonly freeBytes: number;
  /** What could not be looked at, and is left alone for that. */
  readonly problems: readonly string[];
}

/** One thing to do. `bytes` where it is known before. */
export type GcStep = { readonly reason: string } & (
  | { readonly kind: 'hold-root'; readonly id: DeploymentId; readonly seq: number; readonly outPath: string }
  | { readonly kind: 'remove-release'; readonly id: DeploymentId; readonly seq: number; readonly outPath: string }
  | { readonly kind: 'remove-root'; readonly id: DeploymentId; readonly name: string }
  | { readonly kind: 'remove-log'; readonly id: DeploymentId; readonly commit: string; readonly bytes: number }
  | { readonly kind: 'remove-repositories'; readonly bytes: number }
  | { readonly kind: 'collect-store'; readonly maxFreed: number | null }
);

/** A plan, and what is not as it should be but is not the collector's to mend. */
export interface GcPlan {
  readonly steps: readonly GcStep[];
  readonly problems: readonly string[];
}

/** What deciding needs to know of the configuration. */
export type GcSettings = Pick<Config, 'gc' | 'reconcile'>;

/** A GC root by its file's name: `7`, or what a killed Nix left beside it, `7-bin`. */
const rootName = /^\d+(-\w+)?$/;

/**
 * Decides what goes. Only while nothing is built: a build has a root before it has a record. Order: first every release
 * that is kept gets its GC root back, then what retention drops loses its own, then the store is collected. A release
 * goes only when no unit of it is left.
 */
export function planGc(observed: GcObserved, { gc, reconcile }: GcSettings, all = false): GcPlan {
  const problems = [...observed.problems];
  const hold: GcStep[] = [];
  const remove: GcStep[] = [];
  for (const found of observed.deployments) {
    const dropped = droppedOf(found, reconcile.keepReleases, problems);
    for (const release of found.releases) {
      const { seq, outPath } = release;
      const { id } = found;
      if (dropped.includes(release))
        remove.push({ kind: 'remove-release', id, seq, outPath, reason: 'enough newer releases are kept' });
      else if (found.roots.get(String(seq)) !== outPath)
        hold.push({ kind: 'hold-root', id, seq, outPath, reason: 'it is kept and has no GC root' });
    }
    const recorded = new Set(found.releases.map(({ seq }) => String(seq)));
    for (const name of found.roots.keys()) {
      if (rootName.test(name) && !recorded.has(name))
        remove.push({ kind: 'remove-root', id: found.id, name, reason: 'no release has it' });
    }
    remove.push(...oldLogs(found, new Set(dropped), gc.keepLogs));
  }
  if (observed.repositoryBytes > gc.repositoriesGiB * 2 ** 30) {
    const reason = `they take more than ${readableBytes(gc.repositoriesGiB * 2 ** 30)}, and are fetched again from the mirrors`;
    remove.push({ kind: 'remove-repositories', bytes: observed.repositoryBytes, reason });
  }
  return { steps: [...hold, ...remove, ...collect(observed.freeBytes, gc, all)], problems };
}

function droppedOf(
  { id, deployment, releases, seqsWithUnits }: GcDeployment,
  keep: number,
  problems: string[],
): Release[] {
  if (deployment === null) return []; // its record is lost: the sweep makes it anew
  if (!deployment.present) return []; // the reconcile takes all of it down, in its order
  const { drop, target } = settle(deployment, releases, keep);
  if (target?.verdict.state === 'pending') return []; // whether it counts is not known yet
  const dropped = releases.filter(({ seq }) => drop.includes(seq));
  for (const { seq } of dropped.filter((release) => seqsWithUnits.has(release.seq)))
    problems.push(`release ${seq} of ${deploymentKey(id)} is beyond retention but has units still: it is left`);
  return dropped.filter(({ seq }) => !seqsWithUnits.has(seq));
}

function oldLogs({ id, releases, logs }: GcDeployment, dropped: ReadonlySet<Release>, keepSec: number): GcStep[] {
  const kept = new Set(releases.filter((release) => !dropped.has(release)).map(({ commit }) => commit));
  return logs
    .filter(({ commit, ageSec }) => ageSec > keepSec && !kept.has(commit))
    .map(({ commit, bytes }) => ({
      kind: 'remove-log',
      id,
      commit,
      bytes,
      reason: 'it is old, and its release is gone',
    }));
}

function collect(freeBytes: number, gc: Config['gc'], all: boolean): GcStep[] {
  const maxFreed = bytesToFree(freeBytes, gc, all);
  if (maxFreed === 0) return [];
  const reason = all
    ? 'all garbage is to go'
    : `${readableBytes(freeBytes)} are free, and ${readableBytes(gc.highFreeGiB * 2 ** 30)} should be`;
  return [{ kind: 'collect-store', maxFreed, reason }];
}

/** What a step does and why, as a sentence. */
export function describeGcStep(step: GcStep): string {
  return `${what(step)} (${step.reason})`;
}

function what(step: GcStep): string {
  switch (step.kind) {
    case 'hold-root':
      return `hold release ${step.seq} of ${deploymentKey(step.id)} in the store`;
    case 'remove-release':
      return `remove release ${step.seq} of ${deploymentKey(step.id)}`;
    case 'remove-root':
      return `remove the GC root ${step.name} of ${deploymentKey(step.id)}`;
    case 'remove-log':
      return `remove the log of ${step.commit.slice(0, 12)} of ${deploymentKey(step.id)}, ${readableBytes(step.bytes)}`;
    case 'remove-repositories':
      return `remove the copies of repositories that Nix keeps, ${readableBytes(step.bytes)}`;
    case 'collect-store':
      return step.maxFreed === null
        ? 'collect all garbage of the store'
        : `collect up to ${readableBytes(step.maxFreed)} of garbage of the store`;
  }
}
