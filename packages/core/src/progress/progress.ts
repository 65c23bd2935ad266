import * as z from 'zod';

/** Something the worker does or waits for, and until when it has to end. Times in seconds. */
export const Action = z.object({
  what: z.string(),
  ageSec: z.number(),
  deadlineSec: z.number(),
  isJob: z.boolean(),
  /** It may have to wait for Redis, for as long as that is away. */
  needsRedis: z.boolean(),
});
export type Action = z.infer<typeof Action>;

/** Answer to `GET /progress` of the control socket. `null`: there is none, or it is not known. */
export const Progress = z.object({
  actions: z.array(Action),
  /** Age of the oldest job of a deployment that waits or runs; 0 where there is none. */
  oldestPendingSec: z.number().nullable(),
  /** Since all of a project was last looked at, of the project of which that is longest ago. `null`: one never was. */
  lastSweepSec: z.number().nullable(),
  /** For how long Redis has been connected. */
  redisReadySec: z.number().nullable(),
});
export type Progress = z.infer<typeof Progress>;

/**
 * The action that should have ended long ago, which nothing but a new start of the worker ends: whatever it waits for has
 * missed its own deadline too. What needs Redis is not judged by the time it may have waited for that.
 */
export function stuckAction({ actions, redisReadySec }: Pick<Progress, 'actions' | 'redisReadySec'>): Action | null {
  const isLate = ({ ageSec, deadlineSec, needsRedis }: Action) =>
    (needsRedis ? Math.min(ageSec, redisReadySec ?? 0) : ageSec) > deadlineSec;
  return actions.find(isLate) ?? null;
}

/** What goes on, in one line: the smallest part of it that was begun first. */
export function describeProgress({ actions }: Pick<Progress, 'actions'>): string {
  const shown = oldest(actions.filter(({ isJob }) => isJob)) ?? oldest(actions);
  if (shown === null) return 'nothing to do';
  const part = shown.isJob ? oldest(actions.filter(({ isJob }) => !isJob)) : null;
  const more = actions.filter(({ isJob }) => isJob).length - 1;
  return [
    `${shown.what} for ${Math.round(shown.ageSec)} s`,
    ...(part === null ? [] : [`${part.what} for ${Math.round(part.ageSec)} s`]),
    ...(more > 0 ? [`and ${more} more jobs`] : []),
  ].join(', ');
}

/** The one that was begun first. */
export function oldest(actions: readonly Action[]): Action | null {
  return actions.toSorted((a, b) => b.ageSec - a.ageSec)[0] ?? null;
}
