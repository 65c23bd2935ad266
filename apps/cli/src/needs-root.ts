import { AppError } from '@bough/core/app-error.ts';

/** Errors about Bough's own files; others that come of a refusal say themselves what to do. */
const ofFiles: readonly string[] = ['HOST_FILES', 'STATE_INVALID'];

/**
 * What to say where the system refuses a file to whoever calls: in the scope of the system Bough's files are root's. `null`: it
 * refused none, or the caller is root. The error is looked through down to its first cause.
 */
export function needsRoot(error: unknown, uid = process.getuid?.()): AppError | null {
  if (uid === 0 || !(error instanceof Error)) return null;
  if (error instanceof AppError) return ofFiles.includes(error.code) ? needsRoot(error.cause, uid) : null;
  const isRefused = 'code' in error && /^(EACCES|EPERM)$/.test(String(error.code));
  if (!isRefused) return needsRoot(error.cause, uid);
  const what = 'path' in error ? String(error.path) : 'a file';
  return new AppError('HOST_FILES', `${what} may not be used by you; run this with sudo`, { cause: error });
}
