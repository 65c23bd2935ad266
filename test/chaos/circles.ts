import type { Installation } from '../support/installation.ts';
import {
  ask,
  cancel,
  collect,
  expire,
  lasting,
  makeGarbage,
  passing,
  pushUntilBuilding,
  pushUntilFailed,
  pushUntilLive,
  removeUntilGone,
  retry,
  rollBack,
  rotate,
  rotateBefore,
} from './acts.ts';

/** One thing done to a branch, to its end, during which the worker may die. */
export interface Act {
  readonly name: string;
  /** Brings about what it starts from, with a worker that lives. */
  readonly prepare?: (bough: Installation) => Promise<void>;
  readonly perform: (bough: Installation) => Promise<void>;
}

/** Acts that lead back to where the first began, so that they can be done again and again. */
export interface Circle {
  readonly of: string;
  readonly branch: string;
  readonly acts: readonly Act[];
}

/** What an operator and a forge do to a branch, and what Bough does by itself. */
export const circles: readonly Circle[] = [
  {
    of: 'a first deployment and a removal',
    branch: passing,
    acts: [
      { name: 'deploy', perform: async (bough) => await pushUntilLive(bough, passing) },
      { name: 'remove', perform: async (bough) => await removeUntilGone(bough, passing) },
    ],
  },
  {
    of: 'an update',
    branch: lasting,
    acts: [{ name: 'update', perform: async (bough) => await pushUntilLive(bough, lasting) }],
  },
  {
    of: 'a rollback and its end',
    branch: lasting,
    acts: [
      { name: 'rollback', perform: rollBack },
      { name: 'unpin', perform: async () => await ask(['unpin', 'demo', lasting]) },
    ],
  },
  {
    of: 'a suspension and its end',
    branch: lasting,
    acts: [
      { name: 'suspend', perform: async () => await ask(['suspend', 'demo', lasting]) },
      { name: 'resume', perform: async () => await ask(['resume', 'demo', lasting]) },
    ],
  },
  {
    of: 'an expiry and its end',
    branch: lasting,
    acts: [
      { name: 'expire', perform: expire },
      { name: 'bring back', perform: async () => await ask(['resume', 'demo', lasting]) },
    ],
  },
  { of: 'a cancellation', branch: lasting, acts: [{ name: 'cancel', prepare: pushUntilBuilding, perform: cancel }] },
  { of: 'a collection', branch: lasting, acts: [{ name: 'collect', prepare: makeGarbage, perform: collect }] },
  { of: 'a retry', branch: lasting, acts: [{ name: 'retry', prepare: pushUntilFailed, perform: retry }] },
  // Last: it leaves one release more than the others begin with.
  { of: 'a rotation', branch: lasting, acts: [{ name: 'rotate', prepare: rotateBefore, perform: rotate }] },
];
