import type { Action, Fault } from './schedule.ts';

/** What people decide needs neither Redis nor the forge; a full disk and a Redis in trouble they are told of. */
export const besidePeople: readonly Fault[] = [
  'freeze-redis',
  'starve-redis',
  'fill-redis-disk',
  'fill-state-disk',
  'fill-store-disk',
  'freeze-nix-daemon',
  'freeze-receiver',
  'lose-remote',
  'slow-remote',
];

/** Whether an action happens while a fault lasts, and does not wait for its end. The forge knows of no fault. */
export function mayMeet({ do: name }: Action, fault: Fault): boolean {
  switch (name) {
    case 'push':
    case 'rewind':
    case 'delete':
    case 'recreate':
    case 'redeliver':
      return true;
    case 'rollback':
    case 'pin':
    case 'unpin':
    case 'suspend':
    case 'resume':
    case 'rotate':
    case 'cancel':
    case 'deploy':
    case 'retry-failed':
      return besidePeople.includes(fault);
    case 'sweep':
    case 'break':
    case 'harm':
    case 'kill-worker-at':
      return false;
  }
}
