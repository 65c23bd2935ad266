import { type ErrorCode, errorTable } from './error-table.ts';

/**
 * The one error class of Bough. `code` decides what happens next (see `errorTable`: retry, reject or wait);
 * `message` says what could not be done, on what, and what to do, and never repeats its cause.
 * `log` holds the last lines of the tool that failed, for people; it never holds a secret.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly log: readonly string[];

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; log?: readonly string[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.log = options.log ?? [];
  }

  /** What the code table says to do about this error. */
  get action(): 'retry' | 'reject' | 'wait' {
    return errorTable[this.code].action;
  }
}

/** The error as one line for a person: `CODE: message`. */
export function describeError(error: unknown): string {
  if (error instanceof AppError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
