import type { Logger } from 'pino';
import type { RunningBuild } from './running-build.ts';

export interface SupersedeHost {
  readonly running: RunningBuild;
  /** The branch's head at the forge now, `null` where there is no such branch. It has a deadline of its own. */
  readonly headOf: (project: string, branch: string) => Promise<string | null>;
  readonly log: Logger;
}

/** Looks whether the running build is still worth its time. */
export type Supersede = ReturnType<typeof createSupersede>;

/**
 * Stops the running build when its branch has moved on. A job says only that something was pushed, and a redelivery
 * says it about the very commit that is being built, so the forge is asked. Any number of requests during one look cost
 * one more look.
 */
export function createSupersede({ running, headOf, log }: SupersedeHost) {
  let looking = false;
  let again = false;
  let owed = false; // asked for while the commit was not known yet

  async function look(): Promise<void> {
    const build = running.get();
    if (build === null) return;
    if (build.commit === null) {
      owed = true;
      return;
    }
    const { project, branch, slug, commit, jobId } = build;
    const head = await headOf(project, branch);
    if (running.get()?.jobId !== jobId || head === commit) return;
    log.info(
      { job: jobId, project, deployment: slug, commit, by: head },
      'the branch has moved on: the running build is stopped',
    );
    running.cancel(head === null ? { kind: 'gone', why: 'the branch was deleted' } : { kind: 'superseded', by: head });
  }

  async function request(): Promise<void> {
    again = true;
    if (looking) return;
    looking = true;
    try {
      while (again) {
        again = false;
        await look().catch((error: unknown) =>
          log.warn({ err: error }, 'cannot see whether the running build is superseded; it goes on'),
        );
      }
    } finally {
      looking = false;
    }
  }

  return {
    /** Somebody asked for the branch of the running build again. */
    pushed: request,

    /** A new build begins: what was owed to the one before is void. */
    begin(): void {
      owed = false;
    },

    /** The commit of the running build became known: time for what was asked before. */
    async commitKnown(): Promise<void> {
      if (!owed) return;
      owed = false;
      await request();
    },
  };
}
