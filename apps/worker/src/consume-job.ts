import { setTimeout as sleep } from 'node:timers/promises';
import { hostTrouble } from '@bough/host/host-trouble.ts';
import { queueTrouble } from '@bough/host/redis/queue-trouble.ts';
import { type Job, WaitingError } from 'bullmq';
import type { Logger } from 'pino';
import { askedBy, askedByPerson } from './asked-by-person.ts';
import { type CancelReason, cancelReason } from './cancelled.ts';
import { toJobFailure, willRetry } from './job-failure.ts';
import { createJobLog } from './job-log.ts';

/** What every job runs with. */
export interface JobRun<Data> {
  readonly data: Data;
  readonly signal: AbortSignal;
  /** Adds a line to the log people see in the board. */
  readonly line: (text: string) => void;
  readonly progress: (value: object) => void;
  /** A person asked for this run: what failed before gets another chance. */
  readonly again: boolean;
}

/** How one kind of job is run. */
export interface JobKind<Data, Outcome> {
  /** The job's data, checked. Throws AppError JOB_INVALID. */
  readonly parse: (data: unknown) => Data;
  readonly work: (run: JobRun<Data>) => Promise<Outcome>;
  /** The outcome of a job that was stopped for a reason other than shutdown. */
  readonly stopped: (reason: Exclude<CancelReason, { kind: 'shutdown' }>) => Outcome | Promise<Outcome>;
}

/** Longer Redis is not waited for at shutdown: the next worker puts back what is active still. */
const putBackMs = 2_000;

export interface JobHost {
  readonly job: Job;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  /** The jobs this process works on. */
  readonly inHand: Set<string>;
  readonly log: Logger;
}

/** What a processor has of its worker. */
export interface ConsumerHost {
  readonly inHand: Set<string>;
  /** Aborted at shutdown. */
  readonly stop: AbortSignal;
  readonly log: Logger;
}

/** What a job runs with, of what BullMQ hands to its processor; `about` goes into each of its log lines. */
export function jobHostOf(
  { inHand, stop, log }: ConsumerHost,
  { job, token, cancelled }: { job: Job; token: string | undefined; cancelled: AbortSignal | undefined },
  about: object = {},
): JobHost {
  return {
    job,
    token,
    inHand,
    signal: AbortSignal.any(cancelled === undefined ? [stop] : [stop, cancelled]),
    log: log.child({ job: job.id, kind: job.name, ...about, attempt: job.attemptsMade + 1 }),
  };
}

/** `stopped` of the kinds of job that nothing but a shutdown stops. */
export function neverStopped(): never {
  throw new Error('only a shutdown stops this kind of job');
}

/**
 * Runs one job of any queue: its data is parsed, its log opened, and its end translated for BullMQ. A failure throws so
 * that the board shows it red; a job stopped by shutdown goes back to its queue with no attempt used up.
 */
export async function consumeJob<Data, Outcome>(
  kind: JobKind<Data, Outcome>,
  { job, token, signal, inHand, log }: JobHost,
): Promise<Outcome> {
  const id = job.id ?? '';
  const again = askedByPerson(job);
  const jobLog = createJobLog(job, log);
  const started = performance.now();
  inHand.add(id);
  try {
    signal.throwIfAborted();
    jobLog.line(header(job, again));
    if (again && askedBy(job) !== 'person') await rememberPerson(job, log);
    const data = kind.parse(job.data);
    const outcome = await kind.work({ data, signal, line: jobLog.line, progress: jobLog.progress, again });
    log.info({ outcome, ms: Math.round(performance.now() - started) }, 'job done');
    return outcome;
  } catch (thrown) {
    const error = hostTrouble(thrown) ?? queueTrouble(thrown) ?? thrown;
    const reason = cancelReason(signal);
    if (reason?.kind === 'shutdown') {
      jobLog.line('stopped because the worker is shutting down; it starts again with the next worker');
      await jobLog.close();
      await putBackMine(job, token);
      log.info('job stopped for shutdown and put back');
      throw new WaitingError();
    }
    if (reason !== null) {
      const outcome = await kind.stopped(reason);
      jobLog.line(`stopped: ${JSON.stringify(outcome)}`);
      log.info({ outcome }, 'job stopped');
      return outcome;
    }
    if (willRetry(error)) log.warn({ err: error }, 'job failed; it is tried again while attempts are left');
    else log.error({ err: error }, 'job failed');
    const failure = toJobFailure(error);
    jobLog.line(`failed: ${failure.message}`);
    throw failure;
  } finally {
    await jobLog.close();
    inHand.delete(id);
  }
}

/** Starts count every run, attempts only those that failed: a job stopped by a shutdown keeps its attempt. */
function header(job: Job, again: boolean): string {
  const by = `asked by ${again ? 'a person' : askedBy(job)}`;
  return `── start ${job.attemptsStarted}, attempt ${job.attemptsMade + 1}, ${by}, ${new Date().toISOString()} ──`;
}

/** Who asked is from now on a person, so that an automatic retry of this run is one on a person's behalf too. */
async function rememberPerson(job: Job, log: Logger): Promise<void> {
  try {
    await job.updateData({ ...job.data, asked: { by: 'person' } });
  } catch (error) {
    log.warn({ err: error }, 'cannot record that a person asked for this job');
  }
}

async function putBackMine(job: Job, token: string | undefined): Promise<void> {
  // BullMQ's own lock may have run out. The worker lock says that the job is ours; if it is gone, so is the need.
  const put = job.moveToWait(token).catch(() => job.moveToWait('0').catch(() => undefined));
  await Promise.race([put, sleep(putBackMs, undefined, { ref: false })]);
}
