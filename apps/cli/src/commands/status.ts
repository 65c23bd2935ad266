import { branchAddress } from '@bough/core/branch-address.ts';
import { polledProjects } from '@bough/core/config/polled-projects.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { blocksOf } from '@bough/core/reconcile/drift.ts';
import type { ProjectRecord } from '@bough/core/state/project-record.ts';
import { summarise, type Summary } from '@bough/core/status/summarise.ts';
import { parseUnitName, unitGlob, unitNamesOf } from '@bough/core/unit-name.ts';
import { readProject } from '@bough/host/state/project-store.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import { createUnitFiles } from '@bough/host/systemd/unit-files.ts';
import { servingRelease, servingSince } from '@bough/host/state/serving.ts';
import type { Cli, Command } from '../command.ts';
import { renderAge } from '../render-age.ts';
import { renderTable } from '../render-table.ts';
import { workerState } from '../worker-state.ts';

/** `bough status`. */
export const status: Command = {
  name: 'status',
  usage: '[PROJECT [BRANCH]]',
  takes: [0, 2],
  summary: 'show what every branch is doing',
  about: [
    'Read from the state folder and systemd; Redis, the receiver and the worker may be down. live: its process runs. asleep:\nthe first request wakes it. starting, down, failed, suspended, blocked: as they say. expired: a limit of its project took it down;\na push or `bough resume` brings it back. waiting: nothing was built yet. going: the forge has no such branch any more.',
    'serving for: since requests are led to this release, by its switch, a rollback to it or the boot. That its process restarted\nis a note below.',
  ],
  options: {},
  async run(cli, { args: [project, branch] }) {
    const all = await cli.store.list();
    const ids =
      project !== undefined && branch !== undefined
        ? [await findDeployment(cli.store, project, branch)]
        : all.filter((id) => project === undefined || id.project === project);
    const deployments = await look(cli, ids);
    const worker = workerState(cli.layout.lock);
    const suspended = await suspendedProjects(cli, project);
    const polled = polledProjects(cli.config).filter((name) => project === undefined || name === project);
    const rows = deployments.map((each) => [
      each.project,
      each.branch,
      each.state,
      each.serving === null ? '–' : String(each.serving),
      each.commit?.slice(0, 12) ?? '–',
      renderAge(each.since, Date.now()),
      each.url ?? '–',
    ]);
    const notes = deployments.flatMap(({ project: of, branch: name, notes: each }) =>
      each.map((note) => `${of} ${name}: ${note}\n`),
    );
    const table = renderTable(['project', 'branch', 'state', 'release', 'commit', 'serving for', 'url'], rows);
    const text = [
      rows.length === 0 ? 'nothing is deployed\n' : table,
      ...(notes.length === 0 ? [] : ['\n', ...notes]),
      ...suspended.map(
        ({ project: of, suspended: { by, why } }) =>
          `\n${of} is suspended by ${by}${why === '' ? '' : `: ${why}`}; new branches of it are built and not started\n`,
      ),
      ...polled.map(
        (name) => `\n${name} has no webhook: its pushes are found by polling, every ${cli.config.sweepIntervalSec} s\n`,
      ),
      ...(worker.state === 'running'
        ? []
        : [`\nthe worker: ${worker.state}; what is live goes on, nothing new is built\n`]),
    ].join('');
    return { value: { worker, polled, suspended, deployments }, text };
  },
};

interface Row extends Summary {
  readonly url: string | null;
}

/** The projects that are suspended as a whole, of those there are, or of one. */
async function suspendedProjects({ config, layout }: Cli, only: string | undefined): Promise<ProjectRecord[]> {
  const projects = Object.keys(config.projects).filter((project) => only === undefined || only === project);
  const records = await Promise.all(projects.map((project) => readProject({ layout }, project)));
  return records.filter((record) => record !== null);
}

/** Two questions to systemd, however many deployments there are. */
async function look({ config, layout, store, tools }: Cli, ids: readonly DeploymentId[]): Promise<Row[]> {
  const { systemd } = await tools();
  const unitFiles = createUnitFiles(layout);
  const recorded = [];
  for (const id of ids) {
    const deployment = await store.read(id);
    if (deployment === null) continue; // removed at this moment
    const releases = await store.readReleases(id);
    const serving = await servingRelease(layout, id);
    const since = await servingSince(layout, id);
    const toStart = releases.find(({ seq }) => seq === deployment.desired && seq !== serving);
    recorded.push({
      id,
      deployment,
      releases,
      serving,
      since,
      toStart: toStart === undefined ? [] : unitNamesOf(toStart),
    });
  }
  // systemd lists no unit that is masked and was never started: what is to be started is asked for by name.
  const listed = (await systemd.list(unitGlob)).filter((name) => parseUnitName(name) !== null);
  const units = await systemd.show([...new Set([...listed, ...recorded.flatMap(({ toStart }) => toStart)])]);
  const rows: Row[] = [];
  for (const { id, deployment, releases, serving, since, toStart } of recorded) {
    const own = units.filter(({ name }) => {
      const parts = parseUnitName(name);
      return parts?.project === id.project && parts.slug === id.slug;
    });
    const project = config.projects[id.project];
    const blocks: string[] = [];
    for (const unit of own.filter(({ name }) => toStart.includes(name)))
      blocks.push(...blocksOf({ ...unit, link: await unitFiles.link(unit.name) }));
    rows.push({
      ...summarise({
        deployment,
        releases,
        units: new Map(own.filter(({ load }) => load !== 'not-found').map((unit) => [unit.name, unit])),
        serving,
        servingSince: since,
        blocks,
      }),
      url:
        project === undefined
          ? null
          : `${branchAddress(project, id.slug, deployment.branch === project.production).url}/`,
    });
  }
  return rows;
}
