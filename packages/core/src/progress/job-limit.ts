import type { Config } from '../config/config.ts';

const hour = 3_600;

/**
 * Seconds within which a job has ended, whatever it met: all its parts have limits of their own, and these are what they
 * may come to. Beyond that it waits for something that will never come.
 */
export function jobLimitSec(config: Pick<Config, 'build' | 'reconcile' | 'projects'>, kind: string): number {
  const { build, projects } = config;
  const collection = 3 * hour; // of the store alone two; a build may have to make room first
  const others = 2 * hour + waitsSec(config);
  switch (kind) {
    case 'build':
      return others + build.evalTimeoutSec + build.timeoutSec + collection;
    case 'gc':
      return others + collection + Object.keys(projects).length * hour; // a mirror each
    default:
      return others;
  }
}

/**
 * What a configuration lets any job wait, a fetch for its tries or a release for what is healthy, settles, drains and stops: up to
 * three times, once for the job itself and once for who has its turn first. A manifest may set less than the two hours.
 */
function waitsSec({ build, reconcile, projects }: Pick<Config, 'build' | 'reconcile' | 'projects'>): number {
  const { settleSec, drainSec, stopTimeoutSec } = reconcile;
  const healthSec = Math.max(...Object.values(projects).map(({ health }) => health.timeoutSec + health.intervalSec));
  return 2 * 3 * (build.fetchTimeoutSec + settleSec + drainSec + stopTimeoutSec + healthSec);
}
