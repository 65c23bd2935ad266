import type { Release } from '../state/release.ts';
import { renderProcess, renderSetup, renderTimer } from './render-process.ts';
import { renderProxy } from './render-proxy.ts';
import { renderSocket } from './render-socket.ts';
import { nameOf, type ServiceUnit } from './service-unit.ts';
import type { UnitHost } from './unit-host.ts';

/**
 * All units of a release, text by name. They are immutable and carry the release in their name, so that what runs is
 * what is on disk and no `daemon-reload` is needed.
 */
export function renderRelease(release: Release, host: UnitHost): Map<string, string> {
  const units = new Map<string, string>();
  for (const [service, spec] of Object.entries(release.manifest.services)) {
    const unit: ServiceUnit = { release, service, spec, host };
    units.set(nameOf(unit, 'process'), renderProcess(unit));
    if (spec.preStart !== undefined) units.set(nameOf(unit, 'setup'), renderSetup(unit));
    if (spec.schedule !== undefined) units.set(nameOf(unit, 'timer'), renderTimer(unit));
    if (spec.listen !== 'none') units.set(nameOf(unit, 'socket'), renderSocket(unit));
    if (spec.listen === 'port') units.set(nameOf(unit, 'proxy'), renderProxy(unit));
  }
  return units;
}
