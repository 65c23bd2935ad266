import { describeProblem } from './say.ts';

/** How a demo ended that did not come to be, or did not go away. `signal` is the one that Ctrl-C aborts. */
export function describeEnd(error: unknown, signal: AbortSignal): string {
  if (isStop(error, signal)) return 'stopped before it was ready; everything is down';
  return `the demo failed: ${describeProblem(error)}`;
}

/** What a timer rejects with has the reason of the signal as its cause. */
function isStop(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.cause === signal.reason);
}
