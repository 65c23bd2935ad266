import { appendFileSync, readFileSync } from 'node:fs';
import { AppError } from '@bough/core/app-error.ts';
import { createActions } from '@bough/host/progress/actions.ts';
import { createQueues } from '@bough/host/queue/create-queues.ts';
import { connectWorker } from '@bough/host/redis/connect-worker.ts';
import { redisOptions } from '@bough/host/redis/redis-options.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { createRunningBuild } from '@bough/worker/running-build.ts';
import { type Processors, type StartedWorker, startWorker } from '@bough/worker/start-worker.ts';
import type { Logger } from 'pino';
import type { BranchPlan, ShellEvent, ShellOptions } from './start-shell.ts';

// It beats until its time is up; with `stubborn` SIGTERM does not end it.
const script = `
[ "$STUBBORN" = true ] && trap '' TERM
end=$(($(date +%s%N) + $2 * 1000000))
while now=$(date +%s%N); [ "$now" -lt "$end" ]; do echo "$$ $1 $now" >>"$BEATS"; sleep 0.02; done`;

/** Starts the worker whose builds are shell loops. */
export async function work(options: ShellOptions, lockFd: number, log: Logger): Promise<StartedWorker> {
  const note = (event: Omit<ShellEvent, 'pid' | 'at'>) =>
    appendFileSync(`${options.folder}/events`, `${JSON.stringify({ ...event, pid: process.pid, at: Date.now() })}\n`);
  const planOf = (branch: string): BranchPlan => JSON.parse(readFileSync(`${options.folder}/${branch}.json`, 'utf8'));
  const run = createRunCommand({ lockFd, log });

  const processors: Processors = {
    async build({ branch }, { signal, log: line, progress, attemptIsRetry, onCommit }) {
      const { head, skip, ms, stubborn = false, fail = null } = planOf(branch);
      note({ type: 'build', branch, commit: head, again: attemptIsRetry });
      if (head === null) return { outcome: 'gone', reason: 'no such branch' };
      onCommit(head);
      if (skip !== undefined) return { outcome: 'skipped', commit: head, reason: skip };
      line(`building ${head}`);
      progress({ phase: 'build', built: 0, total: 1 });
      await run(['sh', '-c', script, 'sh', branch, String(ms)], {
        env: { BEATS: `${options.folder}/beats`, STUBBORN: String(stubborn) },
        signal,
      });
      if (fail !== null) throw new AppError(fail, `${branch} cannot be built`, { log: ['its last line'] });
      note({ type: 'built', branch, commit: head });
      return { outcome: 'built', commit: head, release: 1, outPath: '/nix/store/none' };
    },
    async reconcile({ slug }) {
      note({ type: 'reconcile', branch: slug });
      return { outcome: 'converged', release: 1, applied: [], drift: [] };
    },
    async sweep() {
      note({ type: 'sweep' });
      return { findings: [] };
    },
    async gc() {
      note({ type: 'gc' });
      const nothing = { removed: [], removedCount: 0, storePaths: 0, storeBytes: 0, otherBytes: 0, freeBytes: 0 };
      return { outcome: 'collected', ...nothing, problems: [] };
    },
    operate: async (operation) => ({ kind: operation.kind }),
    headOf: async (_project, branch) => planOf(branch).head,
    whyGoesOn: async ({ branch }) => planOf(branch).skip ?? null,
  };

  const redis = connectWorker(redisOptions(options.redisUrl), log);
  return await startWorker({
    redis,
    queues: createQueues(redis),
    running: createRunningBuild(),
    processors,
    schedules: { sweepSec: options.sweepIntervalSec, gcSec: 86_400 },
    log,
    actions: createActions(),
    limitSec: () => 3_600,
    lockDurationMs: options.lockDurationMs,
    careMs: options.careMs,
  });
}
