import type { Config } from '../config/config.ts';

const hour = 3_600;

/**
 * Seconds within which a job has ended, whatever it met: all its parts have limits of their own, and these are what they
 * may come to. Beyond that it waits for something that will never come.
 */
export function jobLimitSec({ build, projects }: Pick<Config, 'build' | 'projects'>, kind: string): number {
  const collection = 3 * hour; // of the store alone two; a build may have to make room first
  switch (kind) {
    case 'build':
      return build.fetchTimeoutSec + build.evalTimeoutSec + build.timeoutSec + collection + hour;
    case 'gc':
      return collection + hour + Object.keys(projects).length * hour; // a mirror each
    default:
      return 2 * hour;
  }
}
