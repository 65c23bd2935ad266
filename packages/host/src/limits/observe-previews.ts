import { AppError } from '@bough/core/app-error.ts';
import { clockSlackMs } from '@bough/core/clock-slack.ts';
import type { Project } from '@bough/core/config/project.ts';
import type { DeploymentId } from '@bough/core/deployment-id.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { Preview } from '@bough/core/limits/plan-limits.ts';
import { isDeletion } from '@bough/core/state/deletion.ts';
import type { Deployment } from '@bough/core/state/deployment.ts';
import type { Release } from '@bough/core/state/release.ts';
import type { UnitState } from '@bough/core/systemd/unit-state.ts';
import { parseUnitName } from '@bough/core/unit-name.ts';
import type { DeploymentStore } from '../state/deployment-store.ts';
import { servingRelease } from '../state/serving.ts';
import { unitsAtOnce } from '../reconcile/units-view.ts';
import type { Systemd } from '../systemd/systemd.ts';
import type { UnitFiles } from '../systemd/unit-files.ts';
import type { Visits } from './visits.ts';

/** What observing previews needs of the host. */
export interface PreviewsHost {
  readonly layout: Layout;
  readonly store: DeploymentStore;
  readonly systemd: Systemd;
  readonly unitFiles: UnitFiles;
}

/** A preview as found, with what putting it to sleep needs. */
export interface SeenPreview extends Preview {
  readonly deployment: Deployment;
  /** The release requests are led to, and its socket. */
  readonly serving: Release | null;
  readonly socket: string | null;
  /** Units of it that run and would stop with it: processes, and what stands in front of them. */
  readonly running: readonly string[];
}

/**
 * The previews of a project the limits apply to. One that is being worked on is left out: it is looked at when that is
 * done. So is one whose record cannot be read, of which the sweep tells.
 */
export async function observePreviews(
  host: PreviewsHost,
  project: string,
  settings: Project,
  visits: Visits,
  now: Date,
): Promise<SeenPreview[]> {
  const view = await unitsAtOnce(host, project);
  const previews: SeenPreview[] = [];
  for (const id of await host.store.list()) {
    if (id.project !== project || host.store.isLocked(id)) continue;
    const units = await view.show(await view.namesOf(id));
    const preview = await observePreview(host, id, { settings, visits, now }, units).catch(unreadableIsNull);
    if (preview !== null) previews.push(preview);
  }
  return previews;
}

async function observePreview(
  { layout, store }: PreviewsHost,
  id: DeploymentId,
  { settings, visits, now }: { readonly settings: Project; readonly visits: Visits; readonly now: Date },
  units: readonly UnitState[],
): Promise<SeenPreview | null> {
  const deployment = await store.read(id);
  if (deployment === null || !deployment.present || deployment.suspended !== null) return null;
  const isProduction = deployment.branch === settings.production;
  const isDownByClock = isByClock(deployment, now);
  if (isProduction ? !isRuled(deployment) : deployment.expired !== null && !isDownByClock) return null;
  const releases = await store.readReleases(id);
  const seq = await servingRelease(layout, id);
  const serving = releases.find((release) => release.seq === seq) ?? null;
  const newest = serving ?? releases.at(-1);
  if (newest === undefined) return null;
  const socket = serving === null ? null : layout.releaseSocket(id, serving.seq, 'web');
  const visited = socket === null ? null : await visits.last(socket);
  const running = units.filter(isUp).filter(({ name }) => stopsWithSleep(name, releases));
  return {
    slug: id.slug,
    isProduction,
    isLive: running.some(({ name }) => parseUnitName(name)?.role === 'process'),
    isAsleep: deployment.asleep !== null,
    isDownByClock,
    used: latest(visited, newest.switchedAt ?? newest.builtAt),
    pushed: latest(deployment.head?.at ?? newest.builtAt, deployment.resumed?.at ?? null),
    deployment,
    serving,
    socket,
    running: running.map(({ name }) => name),
  };
}

/** Whether the limits keep it asleep or down. */
export function isRuled({ asleep, expired }: Deployment): boolean {
  return asleep !== null || expired !== null;
}

/** Whether the limits took it down at a time that is still to come. */
export function isByClock({ expired }: Deployment, now: Date): boolean {
  return expired !== null && !isDeletion(expired) && Date.parse(expired.at) > now.getTime() + clockSlackMs;
}

/** Sockets stay, and so do timers with what they start: that runs at its times and ends. */
function stopsWithSleep(unit: string, releases: readonly Release[]): boolean {
  const parts = parseUnitName(unit);
  if (parts?.role === 'proxy') return true;
  if (parts?.role !== 'process') return false;
  const release = releases.find(({ seq }) => seq === parts.seq);
  return release?.manifest.services[parts.service]?.schedule === undefined;
}

function isUp({ active }: UnitState): boolean {
  return active === 'active' || active === 'activating' || active === 'reloading';
}

function latest(...times: readonly (Date | string | null)[]): Date {
  return new Date(Math.max(...times.filter((time) => time !== null).map((time) => new Date(time).getTime())));
}

/** What cannot be read is passed over here: the sweep tells of it. */
export function unreadableIsNull(error: unknown): null {
  if (error instanceof AppError && error.code === 'STATE_INVALID') return null;
  throw error;
}
