import type { Installation } from './installation.ts';

/**
 * What time would do to a worker that does not renew them: the locks of the jobs that run are gone, and the next look of
 * any worker for stalled jobs is due.
 */
export async function loseJobLocks({ redis, builds }: Installation): Promise<void> {
  const running = await builds.getActive();
  await redis.del('bough:build:stalled-check', ...running.map(({ id }) => builds.toKey(`${id}:lock`)));
}
