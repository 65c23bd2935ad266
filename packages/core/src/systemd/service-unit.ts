import type { Service } from '../state/manifest.ts';
import type { Release } from '../state/release.ts';
import { type UnitRole, unitName } from '../unit-name.ts';
import { quoteDescription } from './quote.ts';
import type { UnitHost } from './unit-host.ts';

/** One service of a release, with what rendering its units needs. */
export interface ServiceUnit {
  readonly release: Release;
  readonly service: string;
  readonly spec: Service;
  readonly host: UnitHost;
}

/** The name of one of the service's units. */
export function nameOf({ release: { project, slug, seq }, service }: ServiceUnit, role: UnitRole): string {
  return unitName({ project, slug, seq, service, role });
}

/** A value for `Description=`: what it is, and of which commit. */
export function descriptionOf({ release, service }: ServiceUnit, what: string): string {
  const { project, branch, seq, commit } = release;
  return quoteDescription(`${what} ${service} of ${project} ${branch}, release ${seq}, commit ${commit.slice(0, 12)}`);
}

/** The loopback port of the service. */
export function portOf({ release, service }: ServiceUnit): number {
  const port = release.ports[service];
  if (port === undefined) throw new Error(`release ${release.seq} has no port for its service ${service}`);
  return port;
}

/** Seconds without a connection after which the service sleeps; `null`: never. Only what a proxy wakes can sleep. */
export function sleepAfterOf({ spec, host }: ServiceUnit): number | null {
  if (spec.listen !== 'port') return null;
  if (spec.sleepAfter === 'never') return null;
  return spec.sleepAfter ?? host.sleepAfterSec;
}

/** The slice of the branch's processes: limits of all previews together do not touch production. */
export function sliceOf({ isProduction }: UnitHost): string {
  return isProduction ? 'bough-production.slice' : 'bough-previews.slice';
}
