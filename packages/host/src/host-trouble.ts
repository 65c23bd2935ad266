import { AppError } from '@bough/core/app-error.ts';
import type { ErrorCode } from '@bough/core/error-table.ts';

// errno(3), as far as it is the host that is in trouble and not the caller who is wrong.
const troubles: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: ['DISK_FULL', 'the disk is full; free space'],
  EDQUOT: ['DISK_FULL', 'the quota is used up; free space'],
  EROFS: ['HOST_FILES', 'its file system is read-only; look for errors of the disk in the journal'],
  EIO: ['HOST_FILES', 'the disk fails; look for its errors in the journal'],
  EACCES: ['HOST_FILES', 'permission is refused; let the user Bough runs as own it'],
  EPERM: ['HOST_FILES', 'the operation is refused; let the user Bough runs as own it'],
  EMFILE: ['HOST_FILES', 'too many files are open; raise LimitNOFILE of the unit'],
  ENFILE: ['HOST_FILES', 'too many files are open on this host; raise fs.file-max'],
  ENOMEM: ['HOST_FILES', 'memory is short'],
};

/**
 * An error of the file system as what it is: the host's trouble, to be tried again, with what to do. `null`: it is
 * something else. `path`: what it was about, where the error itself does not say (a write knows its descriptor alone).
 */
export function hostTrouble(error: unknown, path?: string): AppError | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const found = troubles[String(error.code)];
  if (found === undefined) return null;
  const [code, what] = found;
  const of = 'path' in error ? String(error.path) : undefined;
  const doing = 'syscall' in error ? String(error.syscall) : 'use';
  return new AppError(code, `cannot ${doing} ${path ?? of ?? 'a file'}: ${what}`, { cause: error });
}
