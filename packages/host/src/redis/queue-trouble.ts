import { AppError } from '@bough/core/app-error.ts';

/** The codes Redis begins an error with while it cannot write: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const refusals = /^(OOM|MISCONF|READONLY|LOADING|BUSY|MASTERDOWN|NOREPLICAS|EXECABORT)\b/;

/** An error of Redis as what it is: it cannot keep anything now, and what wanted it to is to be tried again. `null`: it is something else. */
export function queueTrouble(error: unknown): AppError | null {
  if (!(error instanceof Error) || error.name !== 'ReplyError' || !refusals.test(error.message)) return null;
  const [code] = error.message.split(' ', 1);
  return new AppError('QUEUE_UNAVAILABLE', `Redis refuses to write (${code}); see to its memory and its disk.`, {
    cause: error,
  });
}
