import type { DeploymentId } from '@bough/core/deployment-id.ts';
import { type CancelReason, Cancelled } from './cancelled.ts';

/** A build while it runs. `commit` is `null` until the branch's head was resolved. */
export interface Running extends DeploymentId {
  readonly jobId: string;
  readonly branch: string;
  readonly commit: string | null;
  /** In ms since 1970. */
  readonly began: number;
}

/** The one build that runs in this process, for whoever may have to stop it. */
export type RunningBuild = ReturnType<typeof createRunningBuild>;

/** Holds at most one build, as the queue does. */
export function createRunningBuild() {
  let current: {
    running: Running;
    readonly controller: AbortController;
    readonly resolved: PromiseWithResolvers<void>;
    readonly ended: PromiseWithResolvers<void>;
  } | null = null;
  /** The build that ended last, unless it was cancelled. `at` is of the monotonic clock, in ms. */
  let last: { readonly running: Running; readonly at: number } | null = null;

  /** What runs now and is not being stopped already. */
  function get(): Running | null {
    return current === null || current.controller.signal.aborted ? null : current.running;
  }

  function cancel(reason: CancelReason): void {
    current?.controller.abort(new Cancelled(reason));
  }

  return {
    /** Starts to hold a build. The signal is aborted by `cancel`, with the reason. */
    begin(running: Omit<Running, 'commit'>): AbortSignal {
      const controller = new AbortController();
      const [resolved, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      current = { running: { ...running, commit: null }, controller, resolved, ended };
      return controller.signal;
    },

    /** Records which commit is being built. */
    setCommit(commit: string): void {
      if (current === null) return;
      current.running = { ...current.running, commit };
      current.resolved.resolve();
    },

    end(): void {
      const running = get();
      if (running !== null) last = { running, at: performance.now() };
      current?.resolved.resolve();
      current?.ended.resolve();
      current = null;
    },

    get,

    /** The commit that is built of a deployment now, once it is known; `null`: something else runs, or nothing. */
    commitOf({ project, slug }: DeploymentId): string | null {
      const { running } = current ?? {};
      return running?.project === project && running.slug === slug ? running.commit : null;
    },

    /** Resolves once the commit of a deployment that is built now is known, or never will be; `null`: it is, or nothing of it is built. */
    untilCommitOf({ project, slug }: DeploymentId): Promise<void> | null {
      const build = get();
      if (build?.project !== project || build.slug !== slug || build.commit !== null) return null;
      return current?.resolved.promise ?? null;
    },

    /** Whether a commit of a deployment is built now, or was after `since` (ms of the monotonic clock), and was not cancelled. */
    wasAt({ project, slug }: DeploymentId, commit: string, since: number): boolean {
      const builds = [get(), last !== null && last.at >= since ? last.running : null];
      return builds.some((build) => build?.project === project && build.slug === slug && build.commit === commit);
    },

    /** What runs now, also while it is being stopped. */
    untilItsEnd: (): Running | null => current?.running ?? null,

    cancel,

    /** Stops the build of a deployment, if that is what runs. Gives what tells its end; `null`: something else runs, or nothing. */
    cancelOf({ project, slug }: DeploymentId, reason: CancelReason): Promise<void> | null {
      if (current?.running.project !== project || current.running.slug !== slug) return null;
      cancel(reason);
      return current.ended.promise;
    },
  };
}
