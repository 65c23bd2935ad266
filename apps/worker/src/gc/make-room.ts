import { AppError, describeError } from '@bough/core/app-error.ts';
import type { Config } from '@bough/core/config/config.ts';
import { isLow, readableBytes } from '@bough/core/gc/bytes-to-free.ts';
import type { BuildJob, BuildOutcome } from '@bough/core/queue/jobs.ts';
import { type CollectGarbage, isDiskFull } from '@bough/host/gc/collect-garbage.ts';
import type { BuildRun } from '../consume-builds.ts';

type Build = (job: BuildJob, run: BuildRun) => Promise<BuildOutcome>;

/** What making room needs. */
export interface RoomHost {
  readonly gc: Config['gc'];
  /** What is free for the store, in bytes. */
  readonly freeBytes: () => Promise<number>;
  readonly collect: CollectGarbage;
}

/**
 * A build that begins only with enough free disk: with too little, garbage is collected first. One that fills the disk
 * nevertheless leaves all garbage collected behind, for its next attempt.
 * The function made throws AppError DISK_FULL when collecting was not enough, besides what the build throws.
 */
export function withRoom({ gc, freeBytes, collect }: RoomHost, build: Build): Build {
  return async (job, run) => {
    const { signal, log } = run;
    const before = await freeBytes();
    if (isLow(before, gc)) {
      log(`only ${readableBytes(before)} are free: garbage is collected before the build`);
      const { freeBytes: free } = await collect({ all: false, signal, log });
      if (isLow(free, gc)) {
        throw new AppError(
          'DISK_FULL',
          `${readableBytes(free)} are free for the store after collecting all garbage, and a build needs ${readableBytes(gc.lowFreeGiB * 2 ** 30)} (gc.lowFreeGiB); enlarge the disk, or remove branches`,
        );
      }
    }
    try {
      return await build(job, run);
    } catch (error) {
      if (!isDiskFull(error) || signal.aborted) throw error;
      log('the disk was full: all garbage is collected for the next attempt');
      await collect({ all: true, signal, log }).catch((problem: unknown) => log(`problem: ${describeError(problem)}`));
      throw error;
    }
  };
}
