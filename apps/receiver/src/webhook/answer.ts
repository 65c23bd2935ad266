import { AppError } from '@bough/core/app-error.ts';
import type { Enqueued } from '@bough/host/queue/enqueued.ts';

/** What became of a delivery, or of one of the refs it names. */
export interface Ending {
  /** `pong`, `ignored`, `rejected` and `unavailable` need no job; the others are those of `Enqueued`. */
  readonly outcome: Enqueued['outcome'] | 'pong' | 'ignored' | 'rejected' | 'unavailable';
  readonly reason?: string;
  /** The id of the job that stands for it. */
  readonly job?: string;
}

/**
 * What the forge is told. All but `status` is the body. A delivery that names several refs has an ending for each in `refs`,
 * and of them the one that asks for most is its own `outcome`.
 */
export interface Answer extends Ending {
  readonly status: number;
  readonly refs?: readonly (Ending & { readonly ref: string })[];
}

/** Redis keeps the job. `note` is what else there is to say. */
export function accepted({ job, outcome }: Pick<Enqueued, 'job' | 'outcome'>, note?: string): Ending {
  const reasons = [outcome === 'queued' ? undefined : whyNoNewJob[outcome], note].filter((text) => text !== undefined);
  return reasons.length === 0 ? { outcome, job } : { outcome, job, reason: reasons.join('; ') };
}

const whyNoNewJob: Record<Exclude<Enqueued['outcome'], 'queued'>, string> = {
  joined: 'an earlier job stands for this; if it runs already, one more run follows it',
  repeated: 'this delivery led to this job before',
  retried: 'this delivery led to this job before; it had failed and waits again',
};

/** The answer to a delivery all of whose refs have found their ending. */
export function answerOf(endings: readonly (Ending & { readonly ref: string })[]): Answer {
  const [first, ...others] = endings;
  if (first !== undefined && others.length === 0) {
    const { ref: _, ...ending } = first;
    return { status: statusOf(ending), ...ending };
  }
  const most = byWeight.find((outcome) => endings.some((ending) => ending.outcome === outcome)) ?? 'ignored';
  const jobs = endings.filter(({ job }) => job !== undefined).length;
  const ending = { outcome: most, reason: `${jobs} of ${endings.length} refs lead to a job` };
  return { status: statusOf(ending), ...ending, refs: endings.slice(0, maxTold) };
}

/** So many refs are told of at the most: a body of 5 MiB may name thirty thousand. */
const maxTold = 1_000;

const byWeight = ['queued', 'retried', 'joined', 'repeated', 'pong', 'ignored'] as const;

function statusOf({ outcome }: Ending): number {
  return outcome === 'ignored' || outcome === 'pong' ? 200 : 202;
}

/** The ids of all jobs an answer names, each once. */
export function jobsOf({ job, refs = [] }: Answer): string[] {
  return [...new Set([job, ...refs.map((ref) => ref.job)])].filter((id) => id !== undefined);
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
  if (status === 503) {
    const reason = 'too many bodies arrive at once; send it again, or the sweep finds the push';
    return { status, outcome: 'unavailable', reason };
  }
  if (status >= 400 && status < 500) return rejected(status, explanations[status] ?? 'this is no delivery');
  return { status: 500, outcome: 'unavailable', reason: 'the receiver failed; its log says why' };
}

const explanations: Record<number, string> = {
  413: 'the body is larger than receiver.bodyLimitBytes',
  415: 'set the content type of the webhook to application/json',
};
