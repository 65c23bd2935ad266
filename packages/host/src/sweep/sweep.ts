import { AppError, describeError } from '@bough/core/app-error.ts';
import type { Project } from '@bough/core/config/project.ts';
import { deploymentKey, type DeploymentId } from '@bough/core/deployment-id.ts';
import { mapLimited } from '../map-limited.ts';
import { unitsAtOnce, type UnitsView } from '../reconcile/units-view.ts';
import { createSerialise } from '../serialise.ts';
import { actOn } from './act-on.ts';
import { compareProject } from './compare-project.ts';
import { lookAt } from './look-at.ts';
import type { Guarded, SweepHost, SweepOutcome, SweepRun } from './sweep-host.ts';

/** So many projects are looked at at once by one sweep: each may take a process of git. */
const remotesAtOnce = 8;

/** Sweeps one project, or all with `null`. */
export type Sweep = (only: string | null, run: SweepRun) => Promise<SweepOutcome>;

/**
 * Compares the forge's refs, the recorded releases and systemd, and enqueues what heals the differences. It changes nothing
 * itself but `present` of a deployment whose branch is gone, the names of its rivals, what `mend` mends, and what the limits ask
 * for.
 *
 * Each project has a lane: two sweeps of it at once would find the same twice. A sweep of one project waits for its turn. A
 * sweep of all leaves a project to the one that is at it, so that no remote that hangs keeps the other projects from being
 * looked at.
 * @throws AppError SWEEP_INCOMPLETE once everything else is done, when there was something it could not look at
 */
export function createSweep(host: SweepHost): Sweep {
  // The one that is at it may be waiting for Redis, to enqueue what it found.
  const lanes = createSerialise(host.actions, (project) => `the lane of ${project}`, { needsRedis: true });

  async function sweep(projects: readonly string[], run: SweepRun, inLane: typeof ifFree): Promise<SweepOutcome> {
    run.signal.throwIfAborted();
    const view = await unitsAtOnce(host);
    const known = await knownDeployments(host, view.deployments);
    // In the order of the configuration, whichever remote answers first.
    const parts = await mapLimited(projects, remotesAtOnce, async (project) => {
      const settings = host.config.projects[project];
      if (settings === undefined) return nothing;
      const ids = known.filter((id) => id.project === project);
      return await inLane(project, run, async () => await sweepProject(host, project, settings, ids, view, run));
    });
    const findings = [...parts.flatMap((part) => part.findings), ...unconfigured(host, known, run)];
    const problems = parts.flatMap((part) => part.problems);
    if (problems.length > 0) {
      throw new AppError('SWEEP_INCOMPLETE', `${problems.length} of its parts failed; the rest is done`, {
        log: problems,
      });
    }
    return { findings: firstOf(findings) };
  }

  async function ifFree(project: string, run: SweepRun, work: () => Promise<Part>): Promise<Part> {
    if (!lanes.isBusy(project)) return await lanes(project, work);
    run.log(`${project} is left to the sweep that is at it now`);
    return nothing;
  }

  return async (only, run) => {
    if (only === null) return await sweep(Object.keys(host.config.projects), run, ifFree);
    return await lanes(only, async () => await sweep([only], run, async (_, __, work) => await work()));
  };
}

/** What was found of one project. */
interface Part {
  readonly findings: readonly string[];
  readonly problems: readonly string[];
}

/** A sweep's findings are kept with its job, and each minute brings one. */
const mostFindings = 100;

function firstOf(findings: readonly string[]): readonly string[] {
  if (findings.length <= mostFindings) return findings;
  return [...findings.slice(0, mostFindings), `and ${findings.length - mostFindings} more`];
}

const nothing: Part = { findings: [], problems: [] };

/** Compares one project, to its end whatever part of it fails; only an abort is thrown. */
async function sweepProject(
  host: SweepHost,
  project: string,
  settings: Project,
  ids: readonly DeploymentId[],
  view: UnitsView,
  run: SweepRun,
): Promise<Part> {
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
  const since = performance.now();
  // Two reconciles of one deployment in one sweep would be one with nothing to do.
  const asked = new Set<string>();
  const noting: SweepHost = {
    ...host,
    async enqueueReconcile(id, how) {
      await host.enqueueReconcile(id, how);
      asked.add(deploymentKey(id));
    },
  };
  await guarded(`refs of ${project}`, async () => {
    for (const finding of await compareProject(host, project, settings, ids, guarded, run.signal))
      await guarded(`${finding.kind} ${project} ${finding.branch}`, async () =>
        found(await actOn(noting, project, settings, finding, since, run.signal)),
      );
  });
  await guarded(`limits of ${project}`, async () => {
    for (const id of (await host.keepLimits?.(project, found)) ?? []) asked.add(deploymentKey(id));
  });
  for (const id of ids.filter((one) => !asked.has(deploymentKey(one))))
    await guarded(deploymentKey(id), async () => await lookAt(host, id, view, found));
  // Last: it waits for whoever is at the mirror, which may take minutes.
  await guarded(`strays of ${project}`, async () => {
    for (const line of await host.pruneStrays(project, run.signal)) found(line);
  });
  await host.swept?.(project, problems.length === 0);
  return { findings, problems };
}

/** Deployments on record, and those only systemd knows of: their record is lost. */
async function knownDeployments({ store }: SweepHost, ofUnits: readonly DeploymentId[]): Promise<DeploymentId[]> {
  const all = [...(await store.list()), ...ofUnits];
  return [...new Map(all.map((id) => [deploymentKey(id), id])).values()];
}

/** A line for each project that is there and not configured. */
function unconfigured({ config }: SweepHost, known: readonly DeploymentId[], { log }: SweepRun): string[] {
  const projects = new Set(
    known.map(({ project }) => project).filter((project) => config.projects[project] === undefined),
  );
  const lines = [...projects].map(
    (project) => `${project} is no longer configured: its deployments are left as they are`,
  );
  for (const line of lines) log(line);
  return lines;
}
