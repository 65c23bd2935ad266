import * as z from 'zod';
import { AppError, describeError } from '../app-error.ts';
import { type ErrorCode, errorTable } from '../error-table.ts';

/** A failure as it goes over the control socket. `causes` are what led to it, the nearest first. */
export const ControlFailure = z.object({
  code: z.string(),
  message: z.string(),
  causes: z.array(z.string()),
  log: z.array(z.string()),
});
export type ControlFailure = z.infer<typeof ControlFailure>;

/** An error as data. What is no AppError is given the code COMMAND_FAILED. */
export function toControlFailure(error: unknown): ControlFailure {
  const isOurs = error instanceof AppError;
  return {
    code: isOurs ? error.code : 'COMMAND_FAILED',
    message: error instanceof Error ? error.message : String(error),
    causes: causesOf(error),
    log: isOurs ? [...error.log] : [],
  };
}

/** The error again, on the other side. Its causes are texts by now. */
export function fromControlFailure({ code, message, causes, log }: ControlFailure): AppError {
  const cause = causes
    .toReversed()
    .reduce<Error | undefined>((below, text) => new Error(text, { cause: below }), undefined);
  return new AppError(isErrorCode(code) ? code : 'COMMAND_FAILED', message, { cause, log });
}

/** What led to an error, a line each, the nearest first. */
export function causesOf(error: unknown): string[] {
  const texts: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && texts.length < 5) {
    texts.push(describeError(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return texts;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
