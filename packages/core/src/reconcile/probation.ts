import { clockSlackMs } from '../clock-slack.ts';
import type { ErrorCode } from '../error-table.ts';
import type { Release } from '../state/release.ts';
import type { UnitState } from '../systemd/unit-state.ts';
import { parseUnitName } from '../unit-name.ts';
import { diagnose } from './diagnose.ts';

/** So many restarts within probation are a crash loop, whatever systemd's own limit says. */
const crashLoop = 3;

/** A crash loop: the unit of the process, and what became of that, as the rest of a sentence. */
export interface Crash {
  readonly unit: string;
  readonly what: string;
}

/**
 * How many seconds ago requests were first led to a release, while it is on probation; `null`: it is not, or no longer, or the
 * clock was ahead then, and nobody knows.
 */
export function onProbation(release: Release, probationSec: number, now: Date): number | null {
  if (release.verdict.state !== 'verified' || release.switchedAt === null) return null;
  const ageMs = now.getTime() - Date.parse(release.switchedAt);
  if (ageMs > probationSec * 1000 || ageMs < -clockSlackMs) return null;
  return Math.round(Math.max(ageMs, 0) / 1000);
}

/** Whether the release itself is why it is not up, and not the host, or a person. */
export function isOfRelease(code: ErrorCode): boolean {
  return code.startsWith('APP_') && code !== 'APP_CREDENTIALS';
}

/**
 * Why a release on probation is found unfit after all: it crash-loops. `null`: it does well. A release that was sound for
 * longer and fails now is tried again instead, and so is one the host keeps down. What runs at times may fail until the next time.
 * `age`: seconds since its switch.
 */
export function failsProbation({ seq, manifest }: Release, age: number, units: Iterable<UnitState>): Crash | null {
  for (const unit of units) {
    const { name, active, result, restarts } = unit;
    const parts = parseUnitName(name);
    if (parts?.seq !== seq || parts.role !== 'process') continue;
    if (manifest.services[parts.service]?.schedule !== undefined) continue;
    const diagnosis = diagnose(unit);
    if (diagnosis !== null && !isOfRelease(diagnosis.code)) continue;
    if (active === 'failed' && result !== 'success')
      return { unit: name, what: `has failed (${result}) ${age} s after the switch` };
    if (restarts >= crashLoop)
      return { unit: name, what: `has restarted ${restarts} times within ${age} s of the switch` };
  }
  return null;
}
