import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

/** When all of each project has last been looked at. */
export interface LastSweep {
  note(project: string): void;
  /** In seconds, of the one of these projects of which that is longest ago; `null`: of one it never was since the boot. */
  age(projects: readonly string[]): number | null;
}

const Times = z.record(z.string(), z.number());

/**
 * Kept in a file for the next worker, in a folder a boot empties: by the clock that counts from the boot (clock_gettime(2),
 * CLOCK_MONOTONIC), which nobody sets. Only a gauge: a file that cannot be read or written is none.
 */
export function createLastSweep(path: string, now: () => number = secondsSinceBoot): LastSweep {
  const swept = new Map(Object.entries(read(path)));
  return {
    note(project) {
      swept.set(project, now());
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, JSON.stringify(Object.fromEntries(swept)));
      } catch {
        // The next worker knows of none until its first sweep.
      }
    },
    age(projects) {
      const ages = projects.map((project) => now() - (swept.get(project) ?? Number.NaN));
      // One to come is of an earlier boot, in a folder that has outlived it.
      return ages.every((age) => age >= 0) ? Math.max(0, ...ages) : null;
    },
  };
}

function read(path: string): z.infer<typeof Times> {
  try {
    return Times.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

function secondsSinceBoot(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
