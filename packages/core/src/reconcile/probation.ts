import type { Release } from '../state/release.ts';
import type { UnitState } from '../systemd/unit-state.ts';
import { parseUnitName } from '../unit-name.ts';

/** So many restarts within probation are a crash loop, whatever systemd's own limit says. */
const crashLoop = 3;

/**
 * Why a release that was switched to is found unfit after all: within its probation it crash-loops. `null`: it is over its
 * probation, or does well. A release that was sound for so long and fails now is tried again instead.
 */
export function failsProbation(
  release: Release,
  units: Iterable<UnitState>,
  probationSec: number,
  now: Date,
): string | null {
  if (release.verdict.state !== 'verified' || release.switchedAt === null) return null;
  const age = (now.getTime() - Date.parse(release.switchedAt)) / 1000;
  if (age > probationSec) return null;
  for (const unit of units) {
    const parts = parseUnitName(unit.name);
    if (parts?.seq !== release.seq || parts.role !== 'process') continue;
    if (unit.active === 'failed' && unit.result !== 'success')
      return `${unit.name} has failed (${unit.result}) ${Math.round(age)} s after the switch`;
    if (unit.restarts >= crashLoop)
      return `${unit.name} has restarted ${unit.restarts} times within ${Math.round(age)} s of the switch`;
  }
  return null;
}
