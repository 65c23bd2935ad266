import type { Action } from '@bough/core/progress/progress.ts';

type ActionKind = Partial<Pick<Action, 'isJob' | 'needsRedis'>>;

/** What a process is at. */
export type Actions = ReturnType<typeof createActions>;

/** Keeps what was begun and has not ended, for whoever asks what goes on. `now` gives ms. */
export function createActions(now: () => number = () => performance.now()) {
  const running = new Set<Omit<Action, 'ageSec'> & { readonly since: number }>();
  return {
    /** Something has begun that has to have ended after `deadlineSec`. Returns what tells its end. Jobs need Redis. */
    begin: (
      what: string,
      deadlineSec: number,
      { isJob = false, needsRedis = isJob }: ActionKind = {},
    ): (() => void) => {
      const action = { what, deadlineSec, isJob, needsRedis, since: now() };
      running.add(action);
      return () => void running.delete(action);
    },

    list: (): Action[] => [...running].map(({ since, ...action }) => ({ ...action, ageSec: (now() - since) / 1_000 })),
  };
}
