import type { Release } from '../state/release.ts';
import type { UnitState } from '../systemd/unit-state.ts';
import { parseUnitName } from '../unit-name.ts';

/** So many restarts within probation are a crash loop, whatever systemd's own limit says. */
const crashLoop = 3;

/** A crash loop: the unit of the process, and what became of that, as the rest of a sentence. */
export interface Crash {
  readonly unit: string;
  readonly what: string;
}

/** How many seconds ago requests were first led to a release, while it is on probation; `null`: it is not, or no longer. */
export function onProbation(release: Release, probationSec: number, now: Date): number | null {
  if (release.verdict.state !== 'verified' || release.switchedAt === null) return null;
  const age = (now.getTime() - Date.parse(release.switchedAt)) / 1000;
  return age > probationSec ? null : Math.round(age);
}

/**
 * Why a release on probation is found unfit after all: it crash-loops. `null`: it does well. A release that was sound for
 * longer and fails now is tried again instead. `age`: seconds since its switch.
 */
export function failsProbation({ seq }: Release, age: number, units: Iterable<UnitState>): Crash | null {
  for (const { name, active, result, restarts } of units) {
    const parts = parseUnitName(name);
    if (parts?.seq !== seq || parts.role !== 'process') continue;
    if (active === 'failed' && result !== 'success')
      return { unit: name, what: `has failed (${result}) ${age} s after the switch` };
    if (restarts >= crashLoop)
      return { unit: name, what: `has restarted ${restarts} times within ${age} s of the switch` };
  }
  return null;
}
