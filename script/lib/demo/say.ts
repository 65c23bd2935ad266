import { AppError } from '@bough/core/app-error.ts';

const start = performance.now();

/** A line of progress for people, on stderr: stdout is for `READY` alone. */
export function say(text: string): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
  process.stderr.write(`${seconds} s  ${text}\n`);
}

/** A problem a person can do something about; its message says what. */
export class DemoError extends Error {}

/** An error as a person needs it: without a stack where it is no bug of the demo. */
export function describeProblem(error: unknown): string {
  if (error instanceof SuppressedError) {
    return `${describeProblem(error.suppressed)}\nand taking it down failed: ${describeProblem(error.error)}`;
  }
  if (error instanceof DemoError) return error.message;
  // What a wait that was given up rejects with says why in its cause alone.
  if (error instanceof Error && error.name === 'AbortError') return describeProblem(error.cause);
  if (error instanceof AppError) return [error.message, ...error.log.map((line) => `    ${line}`)].join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
