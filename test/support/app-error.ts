import assert from 'node:assert/strict';
import { AppError } from '@bough/core/app-error.ts';
import type { ErrorCode } from '@bough/core/error-table.ts';

/** For `assert.rejects`: an AppError of this code whose message matches. */
export function fails(code: ErrorCode, message = /./): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code, `${error.message} ${error.log.join('\n')}`);
    assert.match(error.message, message);
    return true;
  };
}
