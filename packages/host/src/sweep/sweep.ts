import { AppError, describeError } from '@bough/core/app-error.ts';
import { whyExcluded } from '@bough/core/branch-patterns.ts';
import type { Config } from '@bough/core/config/config.ts';
import type { Project } from '@bough/core/config/project.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import { compareRefs, type RefFinding } from '@bough/core/reconcile/compare-refs.ts';
import type { Plan } from '@bough/core/reconcile/plan.ts';
import { describeStep } from '@bough/core/reconcile/step.ts';
import { type Deployment, newDeployment } from '@bough/core/state/deployment.ts';
import { mapLimited } from '../map-limited.ts';
import { planDeployment, type PlanHost, type PlannedDeployment } from '../reconcile/plan-deployment.ts';
import { unitsAtOnce, type UnitsView } from '../reconcile/units-view.ts';

/** What sweeping needs of the host. */
export interface SweepHost extends PlanHost {
  readonly config: Config;
  readonly slugOf: (branch: string) => string;
  /** The forge's branches and their heads. Throws AppError SOURCE_FETCH and its like. */
  readonly lsRemote: (remote: string, signal: AbortSignal) => Promise<ReadonlyMap<string, string>>;
  readonly enqueueBuild: (project: string, branch: string, commit: string) => Promise<unknown>;
  readonly enqueueReconcile: (id: DeploymentId) => Promise<unknown>;
  /** Stops the running build of a branch that is gone. */
  readonly cancelBuild: (id: DeploymentId, reason: string) => void;
  /** Removes GC roots and pinned refs no release needs. */
  readonly pruneStrays: (project: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Mends what lies beside the units of a deployment that needs nothing else; says what it did. */
  readonly mend?: (id: DeploymentId, planned: PlannedDeployment) => Promise<string | null>;
  /** Puts previews to sleep, or lets them expire, as the limits of their project ask for; tells of each with its reason. */
  readonly keepLimits?: (project: string, found: (line: string) => void) => Promise<void>;
  /** Told of every deployment's plan, an empty one too. */
  readonly onPlan?: (id: DeploymentId, plan: Plan) => void;
}

/** What a sweep found. Every finding names its reason. */
export interface SweepOutcome {
  readonly findings: readonly string[];
}

interface SweepRun {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** So many projects are looked at at once: a remote that does not answer holds up its own project until its deadline. */
const remotesAtOnce = 8;

/** Does one part of a sweep; a failure is noted, and must not keep the other parts from being done. */
type Guarded = (what: string, work: () => Promise<void>) => Promise<void>;

/**
 * Compares the forge's refs, the recorded releases and systemd, for one project or for all, and enqueues what heals the
 * differences. It changes nothing itself but `present` of a deployment whose branch is gone, what `mend` mends, and what the
 * limits ask for.
 * @throws AppError SWEEP_INCOMPLETE once everything else is done, when there was something it could not look at
 */
export function createSweep(host: SweepHost) {
  return async (only: string | null, run: SweepRun): Promise<SweepOutcome> => {
    const view = await unitsAtOnce(host);
    const known = await knownDeployments(host, view.deployments);
    const projects = Object.entries(host.config.projects).filter(([project]) => only === null || only === project);
    // In the order of the configuration, whichever remote answers first.
    const parts = await mapLimited(projects, remotesAtOnce, async ([project, settings]) => {
      const ids = known.filter((id) => id.project === project);
      return await sweepProject(host, project, settings, ids, view, run);
    });
    const findings = parts.flatMap((part) => part.findings);
    const problems = parts.flatMap((part) => part.problems);
    for (const project of new Set(known.map((id) => id.project))) {
      if (host.config.projects[project] !== undefined) continue;
      findings.push(`${project} is no longer configured: its deployments are left as they are`);
      run.log(findings.at(-1) ?? '');
    }
    if (problems.length > 0) {
      throw new AppError('SWEEP_INCOMPLETE', `${problems.length} of its parts failed; the rest is done`, {
        log: problems,
      });
    }
    return { findings };
  };
}

/** Compares one project, to its end whatever part of it fails; only an abort is thrown. */
async function sweepProject(
  host: SweepHost,
  project: string,
  settings: Project,
  ids: readonly DeploymentId[],
  view: UnitsView,
  run: SweepRun,
): Promise<{ findings: string[]; problems: string[] }> {
  const findings: string[] = [];
  const problems: string[] = [];
  const found = (line: string) => {
    findings.push(line);
    run.log(line);
  };
  const guarded: Guarded = async (what, work) => {
    try {
      await work();
    } catch (error) {
      if (run.signal.aborted) throw error;
      problems.push(`${what}: ${describeError(error)}`);
      run.log(`problem: ${what}: ${describeError(error)}`);
    }
  };
  await guarded(`refs of ${project}`, async () => {
    for (const finding of await compareProject(host, project, settings, ids, guarded, run.signal))
      await guarded(`${finding.kind} ${project} ${finding.branch}`, async () =>
        found(await act(host, project, finding)),
      );
  });
  await guarded(`strays of ${project}`, async () => {
    for (const stray of await host.pruneStrays(project, run.signal)) found(`removed ${stray}`);
  });
  await guarded(`limits of ${project}`, async () => await host.keepLimits?.(project, found));
  for (const id of ids) await guarded(deploymentKey(id), async () => await lookAt(host, id, view, found));
  return { findings, problems };
}

/** Deployments on record, and those only systemd knows of: their record is lost. */
async function knownDeployments({ store }: SweepHost, ofUnits: readonly DeploymentId[]): Promise<DeploymentId[]> {
  const all = [...(await store.list()), ...ofUnits];
  return [...new Map(all.map((id) => [deploymentKey(id), id])).values()];
}

async function compareProject(
  host: SweepHost,
  project: string,
  settings: Project,
  ids: readonly DeploymentId[],
  guarded: Guarded,
  signal: AbortSignal,
): Promise<RefFinding[]> {
  const heads = await host.lsRemote(settings.remote, signal);
  if (heads.size === 0 && ids.length > 0) {
    // An emptied or mistaken remote looks like this; taking every branch down for it would be the worse error.
    throw new AppError('SOURCE_FETCH', `${project} has no branch at its remote: its deployments are left as they are`);
  }
  const headsBySlug = new Map([...heads.keys()].map((branch) => [host.slugOf(branch), branch]));
  const unreadable = new Set<string>();
  const deployments: Deployment[] = [];
  const releases = new Map<string, Set<number>>();
  for (const id of ids) {
    unreadable.add(id.slug);
    await guarded(`records of ${deploymentKey(id)}`, async () => {
      const recorded = await host.store.read(id);
      releases.set(id.slug, new Set((await host.store.readReleases(id)).map(({ seq }) => seq)));
      const branch = headsBySlug.get(id.slug);
      // A branch to be deployed is built and recorded anew; any other goes, under the only name left of it.
      const isBuilt = branch !== undefined && whyExcluded(settings, branch) === null;
      const deployment = recorded ?? (isBuilt ? null : newDeployment(id, branch ?? id.slug));
      if (deployment !== null) deployments.push(deployment);
      unreadable.delete(id.slug);
    });
  }
  // Nothing can be said of a branch whose record cannot be read: a build of it would fail for the same reason.
  const known = new Map([...heads].filter(([branch]) => !unreadable.has(host.slugOf(branch))));
  return compareRefs(known, deployments, releases, settings);
}

async function act(host: SweepHost, project: string, finding: RefFinding): Promise<string> {
  if (finding.kind === 'build') {
    await host.enqueueBuild(project, finding.branch, finding.commit);
    return `build ${project} ${finding.branch} at ${finding.commit.slice(0, 12)}: ${finding.reason}`;
  }
  const id = { project, slug: finding.slug };
  host.cancelBuild(id, finding.reason);
  await host.store.withLock(id, async () => {
    const deployment = (await host.store.read(id)) ?? newDeployment(id, finding.branch);
    await host.store.write({ ...deployment, present: false, desired: null });
  });
  await host.enqueueReconcile(id);
  return `remove ${project} ${finding.branch}: ${finding.reason}`;
}

/** Enqueues a reconcile when a deployment differs from what it should be. One that is being worked on is left to that. */
async function lookAt(
  host: SweepHost,
  id: DeploymentId,
  view: UnitsView,
  found: (line: string) => void,
): Promise<void> {
  if (host.store.isLocked(id)) return;
  const glimpsed = await planDeployment(host, id, view);
  // The view is of the sweep's beginning: what seems to differ by it is looked at again, as it is now.
  const planned = differs(glimpsed) ? await planDeployment(host, id) : glimpsed;
  const plan = planned?.plan ?? { steps: [], drift: [], blocks: [] };
  host.onPlan?.(id, plan);
  const { steps, drift } = plan;
  for (const line of drift) found(`drift: ${line}`);
  const crash = planned?.crash ?? null;
  if (steps.length === 0 && crash === null) {
    const mended = planned === null ? null : ((await host.mend?.(id, planned)) ?? null);
    if (mended !== null) found(mended);
    return;
  }
  await host.enqueueReconcile(id);
  found(
    `reconcile ${deploymentKey(id)}: ${crash === null ? steps.map(describeStep).join('; ') : `${crash.unit} ${crash.what}`}`,
  );
}

function differs(planned: PlannedDeployment | null): boolean {
  return planned !== null && (planned.crash !== null || planned.plan.steps.length > 0 || planned.plan.drift.length > 0);
}
