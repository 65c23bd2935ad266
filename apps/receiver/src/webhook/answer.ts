import { AppError } from '@bough/core/app-error.ts';
import type { Enqueued } from '@bough/host/queue/enqueue.ts';

/** What the forge is told. All but `status` is the body. */
export interface Answer {
  readonly status: number;
  /** `pong`, `ignored`, `rejected` and `unavailable` need no job; the others are those of `Enqueued`. */
  readonly outcome: Enqueued['outcome'] | 'pong' | 'ignored' | 'rejected' | 'unavailable';
  readonly reason?: string;
  /** The id of the job that stands for the delivery. */
  readonly job?: string;
}

/** Redis keeps the job. */
export function accepted({ job, outcome }: Enqueued): Answer {
  return outcome === 'queued'
    ? { status: 202, outcome, job }
    : { status: 202, outcome, job, reason: whyNoNewJob[outcome] };
}

const whyNoNewJob: Record<Exclude<Enqueued['outcome'], 'queued'>, string> = {
  joined: 'an earlier job stands for this; if it runs already, one more run follows it',
  repeated: 'this delivery made this job before',
  retried: 'this delivery made this job before; it had failed and waits again',
};

/** Understood, but nothing is to be done. */
export function ignored(reason: string): Answer {
  return { status: 200, outcome: 'ignored', reason };
}

/** Refused; `status` is 4xx. */
export function rejected(status: number, reason: string): Answer {
  return { status, outcome: 'rejected', reason };
}

/** What went wrong, as far as it is the forge's business. */
export function answerToError(error: unknown): Answer {
  if (error instanceof AppError && error.code === 'DELIVERY_INVALID') return rejected(422, error.message);
  if (error instanceof AppError && error.code === 'QUEUE_UNAVAILABLE') {
    return {
      status: 503,
      outcome: 'unavailable',
      reason: 'the queue cannot keep a job now; send it again, or the sweep finds the push',
    };
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) return rejected(status, explanations[status] ?? 'this is no delivery');
  return { status: 500, outcome: 'unavailable', reason: 'the receiver failed; its log says why' };
}

const explanations: Record<number, string> = {
  413: 'the body is larger than receiver.bodyLimitBytes',
  415: 'set the content type of the webhook to application/json',
};
