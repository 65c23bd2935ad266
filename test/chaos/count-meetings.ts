import type { Deed } from './deed.ts';

/** What happened while a fault lasted. */
export interface Meetings {
  /** What the forge did. */
  readonly forge: number;
  /** What people asked for. */
  readonly people: number;
}

const byForge: readonly string[] = ['push', 'rewind', 'delete', 'recreate', 'redeliver'];

/** How many actions of the forge and of people began while a fault lasted. */
export function countMeetings(deeds: readonly Deed[]): Meetings {
  const faults = deeds.filter(({ action }) => action.do === 'break');
  const meant = deeds.filter(
    ({ action, from }) => isMeant(action) && faults.some((f) => f.from <= from && from < f.to),
  );
  const forge = meant.filter(({ action }) => byForge.includes(action.do)).length;
  return { forge, people: meant.length - forge };
}

function isMeant(action: Deed['action']): boolean {
  return !['break', 'harm', 'kill-worker-at', 'sweep'].includes(action.do);
}
