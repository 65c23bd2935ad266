import type { Logger } from 'pino';
import type { Running, RunningBuild } from './running-build.ts';

/** A build whose commit is known. */
export type Building = Running & { readonly commit: string };

export interface SupersedeHost {
  readonly running: RunningBuild;
  /** The branch's head at the forge now, `null` where there is no such branch. It has a deadline of its own. */
  readonly headOf: (project: string, branch: string, signal: AbortSignal) => Promise<string | null>;
  /** Why the head of the branch, which is not what is being built, is not to be built; `null`: it is. So has this. */
  readonly whyGoesOn: (build: Building, signal: AbortSignal) => Promise<string | null>;
  readonly log: Logger;
}

/** Looks whether the running build is still worth its time. */
export type Supersede = ReturnType<typeof createSupersede>;

/** What is owed to one build. */
interface Watch {
  looking: boolean;
  again: boolean;
  /** Asked for while the commit was not known yet. */
  owed: boolean;
  readonly over: AbortController;
}

/**
 * Stops the running build when its branch has moved on to what is to be built. A job says only that something was pushed, and a
 * redelivery says it about the very commit that is being built, so the forge is asked. Any number of requests during one look cost
 * one more look. Each build has looks of its own: a forge that hangs keeps those of no other project.
 */
export function createSupersede({ running, headOf, whyGoesOn, log }: SupersedeHost) {
  let watch = newWatch();

  async function look(mine: Watch): Promise<void> {
    const build = running.get();
    if (build === null) return;
    if (!isBuilding(build)) {
      mine.owed = true;
      return;
    }
    const { project, branch, slug, commit, jobId } = build;
    const { signal } = mine.over;
    const isOver = () => signal.aborted || running.get()?.jobId !== jobId;
    const about = { job: jobId, project, deployment: slug, commit };
    const head = await headOf(project, branch, signal);
    if (isOver() || head === commit) return;
    const why = head === null ? null : await whyGoesOn(build, signal);
    if (isOver()) return;
    if (why !== null) return log.debug({ ...about, head, why }, 'the branch has moved on: the running build goes on');
    log.info({ ...about, by: head }, 'the branch has moved on: the running build is stopped');
    running.cancel(head === null ? { kind: 'gone', why: 'the branch was deleted' } : { kind: 'superseded', by: head });
  }

  async function request(): Promise<void> {
    const mine = watch;
    mine.again = true;
    if (mine.looking) return;
    mine.looking = true;
    try {
      while (mine.again && !mine.over.signal.aborted) {
        mine.again = false;
        await look(mine).catch((error: unknown) => {
          if (!mine.over.signal.aborted)
            log.warn({ err: error }, 'cannot see whether the running build is superseded; it goes on');
        });
      }
    } finally {
      mine.looking = false;
    }
  }

  return {
    /** Somebody asked for the branch of the running build again. */
    pushed: request,

    /** A new build begins. */
    begin(): void {
      watch = newWatch();
    },

    /** The commit of the running build became known: time for what was asked before. */
    async commitKnown(): Promise<void> {
      if (!watch.owed) return;
      watch.owed = false;
      await request();
    },

    /** The build has ended: what was owed to it is void, and a look that is under way is given up. */
    end(): void {
      watch.over.abort();
    },
  };
}

function newWatch(): Watch {
  return { looking: false, again: false, owed: false, over: new AbortController() };
}

function isBuilding(build: Running): build is Building {
  return build.commit !== null;
}
