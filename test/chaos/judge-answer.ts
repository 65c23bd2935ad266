import type { Command, Fault } from './schedule.ts';

/** There may be no such branch, nothing to go back to, nothing that is built. */
const usual = ['DEPLOYMENT_UNKNOWN', 'OPERATION_REFUSED'];
/** What is asked of the queues needs the worker and Redis, which may be starting. */
const refusals: { readonly [Name in Command]?: readonly string[] } = {
  cancel: [...usual, 'WORKER_UNREACHABLE', 'QUEUE_UNAVAILABLE'],
  deploy: [...usual, 'WORKER_UNREACHABLE', 'QUEUE_UNAVAILABLE'],
};

/** After which answers, while which fault lasts, it may have been done or not: somebody was in the middle of it. */
const halfway: { readonly [What in Fault]?: string } = {
  'fill-state-disk': 'DISK_FULL',
  'fill-store-disk': 'DISK_FULL',
};
/** The commit may be held by then, and a job that waits not be ended. */
const inTrouble: readonly Fault[] = ['freeze-redis', 'starve-redis', 'fill-redis-disk'];

/**
 * What it means that a command was answered with an error code, while these faults lasted: nothing was done, nobody knows
 * whether it was, or (`null`) it should have been done.
 */
export function judgeAnswer(name: Command, code: string, during: readonly Fault[]): 'refused' | 'unsure' | null {
  if (during.some((fault) => halfway[fault] === code)) return 'unsure';
  if (name === 'cancel' && code === 'QUEUE_UNAVAILABLE' && during.some((fault) => inTrouble.includes(fault)))
    return 'unsure';
  return (refusals[name] ?? usual).includes(code) ? 'refused' : null;
}
