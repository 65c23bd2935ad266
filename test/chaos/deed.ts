import type { Action } from './schedule.ts';

/** What came of an action, as far as it counts when all is compared in the end. */
export interface Done {
  /** The unit that was harmed. */
  readonly unit?: string;
  /** The commit that a cancel holds; `null` where it could not be told. */
  readonly held?: string | null;
  /** The branches of the failed builds that were started anew. */
  readonly retried?: readonly string[];
  /** The release that is desired after what a person asked for. */
  readonly desired?: number | null;
  /** What was asked for was refused: nothing is other than before. */
  readonly refused?: true;
  /** A fault that met nothing: no such process, no unit, no second worker, nobody at work. */
  readonly missed?: true;
  /** The worker died before its answer, or failed in the middle of it, so nobody knows whether it was done. */
  readonly brokeOff?: true;
  /** What should not have happened. */
  readonly problem?: string;
}

/** An action that was carried out, from when to when, in ms since 1970 by the clock of the run. */
export interface Deed extends Done {
  readonly action: Action;
  readonly from: number;
  readonly to: number;
}

/** Whether it took everything out of Redis. */
export function isEmptying({ action }: Deed): boolean {
  return action.do === 'break' && (action.what === 'empty-redis' || action.what === 'flush-redis');
}

/** Whether it ended the receiver without a warning. */
export function isKillOfReceiver({ action }: Deed): boolean {
  return action.do === 'break' && action.what === 'kill-receiver';
}
