import { AppError, describeError } from '@bough/core/app-error.ts';
import { UnrecoverableError } from 'bullmq';

// BullMQ copies the reason into its stream of events, so it has to stay small; the job's log has everything.
const maxReason = 4_096;
const maxLogLines = 30;

/**
 * An error as the job is to fail with, so that the board shows its class and the tool's last lines. Only classes that
 * may pass by themselves are tried again by BullMQ. Log the error itself first: causes do not survive this.
 */
export function toJobFailure(error: unknown): Error {
  const message = reasonOf(error);
  const failure = willRetry(error) ? new Error(message) : new UnrecoverableError(message);
  failure.stack = message; // the board shows the stack, and ours helps nobody who pushed
  return failure;
}

/** Whether BullMQ tries the job again by itself while attempts are left. */
export function willRetry(error: unknown): boolean {
  return error instanceof AppError && error.action !== 'reject';
}

/** `CODE: message`, what caused it, and the last lines of the tool's log; the end is what must not get lost. */
function reasonOf(error: unknown): string {
  const head = [describeError(error), ...causesOf(error)].join('\n').slice(0, maxReason / 2);
  const lines = error instanceof AppError ? error.log.slice(-maxLogLines) : [];
  const room = maxReason - head.length - 2;
  const tail = lines.join('\n');
  if (tail === '') return head;
  return `${head}\n\n${tail.length > room ? `…${tail.slice(1 - room)}` : tail}`;
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < 5; depth += 1) {
    causes.push(`caused by: ${describeError(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}
