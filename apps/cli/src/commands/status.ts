import { polledProjects } from '@bough/core/config/polled-projects.ts';
import type { ProjectRecord } from '@bough/core/state/project-record.ts';
import { readProject } from '@bough/host/state/project-store.ts';
import { findDeployment } from '@bough/host/operate/find-deployment.ts';
import { lookAtDeployments } from '@bough/host/status/look-at-deployments.ts';
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
    'Read from the state folder and systemd; Redis, the receiver and the worker may be down. live: its process runs. asleep:\nthe first request wakes it. starting, down, failed, suspended, blocked: as they say. expired: a limit of its project, or\n`bough delete`, took it down; a push or `bough resume` brings it back. waiting: nothing was built yet. going: the forge has no\nsuch branch any more.',
    'serving for: since requests are led to this release, by its switch, a rollback to it or the boot. That its process restarted\nis a note below.',
  ],
  options: {},
  async run(cli, { args: [project, branch] }) {
    const all = await cli.store.list();
    const ids =
      project !== undefined && branch !== undefined
        ? [await findDeployment(cli.store, project, branch)]
        : all.filter((id) => project === undefined || id.project === project);
    const glances = await lookAtDeployments({ ...cli, systemd: (await cli.tools()).systemd }, ids);
    const deployments = glances.map(({ summary, url }) => ({ ...summary, url }));
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

/** The projects that are suspended as a whole, of those there are, or of one. */
async function suspendedProjects({ config, layout }: Cli, only: string | undefined): Promise<ProjectRecord[]> {
  const projects = Object.keys(config.projects).filter((project) => only === undefined || only === project);
  const records = await Promise.all(projects.map((project) => readProject({ layout }, project)));
  return records.filter((record) => record !== null);
}
