import { AppError } from '@bough/core/app-error.ts';
import { UsageError } from './usage-error.ts';

/** The exit codes, after sysexits.h where it has one. */
export const exitCodes = { ok: 0, failed: 1, usage: 64, unreachable: 69, config: 78 } as const;

/** What the program ends with after an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (!(error instanceof AppError)) return exitCodes.failed;
  if (error.code === 'WORKER_UNREACHABLE') return exitCodes.unreachable;
  return /^(CONFIG|SECRET)_/.test(error.code) ? exitCodes.config : exitCodes.failed;
}
