import { describeCancelled } from '@bough/core/operate/describe-hold.ts';
import { cancelMarkOf } from '@bough/core/queue/cancel-mark.ts';
import { BuildJob, type BuildOutcome } from '@bough/core/queue/jobs.ts';
import { slugOf } from '@bough/host/slug.ts';
import { parseJob } from '@bough/core/queue/parse-job.ts';
import type { Job } from 'bullmq';
import type { Logger } from 'pino';
import type { CancelReason } from './cancelled.ts';
import { consumeJob, type JobRun } from './consume-job.ts';
import type { RunningBuild } from './running-build.ts';
import type { Supersede } from './supersede.ts';

/** What a build is run with. */
export interface BuildRun extends Pick<JobRun<BuildJob>, 'signal' | 'progress'> {
  /** Adds a line to the log people see in the board. */
  readonly log: (line: string) => void;
  /** Who asked, where that is a person whose name is known. */
  readonly asker?: string | undefined;
  /** A person pressed retry: build also what is known to have failed. */
  readonly attemptIsRetry: boolean;
  /** BullMQ does not try it again by itself if it fails. */
  readonly isLastAttempt: boolean;
  /** To be called once the branch's head was resolved, before anything long. */
  readonly onCommit: (commit: string) => void;
}

export interface BuildConsumerHost {
  readonly build: (job: BuildJob, run: BuildRun) => Promise<BuildOutcome>;
  readonly running: RunningBuild;
  readonly supersede: Supersede;
  readonly inHand: Set<string>;
  /** Aborted at shutdown. */
  readonly stop: AbortSignal;
  readonly log: Logger;
}

/**
 * The processor of queue `build`. BullMQ hands its own signal only to a function that declares three parameters; ours
 * comes from `running`, which knows the reasons.
 */
export function createBuildConsumer(host: BuildConsumerHost) {
  return async function consumeBuild(job: Job, token?: string, cancelled?: AbortSignal): Promise<BuildOutcome> {
    const { build, running, supersede, inHand, stop } = host;
    const { project, branch } = BuildJob.safeParse(job.data).data ?? { project: '', branch: '' };
    const slug = slugOf(branch);
    const log = host.log.child({ job: job.id, project, deployment: slug, branch, attempt: job.attemptsMade + 1 });
    let commit = '';

    supersede.begin();
    const stopped = running.begin({ jobId: job.id ?? '', project, branch, slug, began: Date.now() });
    const signal = AbortSignal.any([stop, stopped, ...(cancelled === undefined ? [] : [cancelled])]);
    const onCommit = (found: string) => {
      commit = found;
      log.info({ commit }, 'building');
      running.setCommit(found);
      void supersede.commitKnown();
    };

    try {
      return await consumeJob(
        {
          parse: (data) => parseJob(BuildJob, data, job.id ?? ''),
          async work({ data, line, progress, again }) {
            const mark = cancelMarkOf(data, job.attemptsMade);
            if (mark !== null) return cancelledOutcome(data.seen ?? null, mark);
            const asker = askerOf(data);
            const isLastAttempt = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
            return await build(data, {
              signal,
              progress,
              log: line,
              attemptIsRetry: again,
              isLastAttempt,
              asker,
              onCommit,
            });
          },
          async stopped(reason): Promise<BuildOutcome> {
            if (reason.kind === 'cancelled') await reason.held;
            return outcomeOf(reason, commit);
          },
        },
        { job, token, signal, inHand, log },
      );
    } finally {
      supersede.end();
      running.end();
    }
  };
}

function askerOf({ asked }: BuildJob): string | undefined {
  return asked.by === 'person' ? asked.name : undefined;
}

function outcomeOf(reason: Exclude<CancelReason, { kind: 'shutdown' }>, commit: string): BuildOutcome {
  switch (reason.kind) {
    case 'gone':
      return { outcome: 'gone', reason: reason.why };
    case 'superseded':
      return { outcome: 'superseded', commit, by: reason.by };
    case 'cancelled':
      return cancelledOutcome(commit === '' ? null : commit, reason);
  }
}

function cancelledOutcome(commit: string | null, ask: { readonly by: string; readonly why: string }): BuildOutcome {
  return { outcome: 'cancelled', commit, by: ask.by, reason: describeCancelled(ask) };
}
