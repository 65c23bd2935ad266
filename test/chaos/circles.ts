import type { Installation } from '../support/installation.ts';
import {
  ask,
  cancel,
  collect,
  deletePreview,
  expire,
  fallAsleep,
  makeGarbage,
  pushAnother,
  removeUntilGone,
  rollBack,
  rotate,
  rotateBefore,
  takeOver,
  wakeUp,
} from './acts.ts';
import { giveUp, pushFailing, pushUnfit, retry } from './failing-acts.ts';
import { lasting, passing, pushUntilBuilding, pushUntilLive, pushUntilSettled } from './pushes.ts';

const pushLasting = async (bough: Installation): Promise<void> => await pushUntilLive(bough, lasting);
const settleLasting = async (bough: Installation): Promise<void> => await pushUntilSettled(bough, lasting);

/** So that what is kept is of pushes, and not of a retry. */
async function settleTwice(bough: Installation): Promise<void> {
  await pushLasting(bough);
  await settleLasting(bough);
}

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
  /** Not in CI, which has no time for it. */
  readonly byHand?: true;
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
    acts: [{ name: 'update', perform: pushLasting }],
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
  {
    of: 'a delete by the API and the push after it',
    branch: lasting,
    acts: [
      { name: 'delete', perform: deletePreview },
      { name: 'push again', perform: pushLasting },
    ],
  },
  {
    of: 'a pin, a rollback and their end',
    branch: lasting,
    acts: [
      { name: 'pin', perform: async () => await ask(['pin', 'demo', lasting]) },
      { name: 'rollback', perform: rollBack },
      { name: 'unpin', perform: async () => await ask(['unpin', 'demo', lasting]) },
    ],
  },
  {
    of: 'a sleep and its end',
    branch: lasting,
    byHand: true,
    acts: [
      { name: 'sleep', prepare: pushAnother, perform: fallAsleep },
      { name: 'wake', perform: wakeUp },
    ],
  },
  { of: 'a cancellation', branch: lasting, acts: [{ name: 'cancel', prepare: pushUntilBuilding, perform: cancel }] },
  {
    of: 'a build that is superseded',
    branch: lasting,
    acts: [{ name: 'supersede', prepare: pushUntilBuilding, perform: pushLasting }],
  },
  {
    of: 'a start after a death in a build',
    branch: lasting,
    acts: [{ name: 'take over', prepare: async (bough) => await pushUntilBuilding(bough, 1), perform: takeOver }],
  },
  { of: 'a collection', branch: lasting, acts: [{ name: 'collect', prepare: makeGarbage, perform: collect }] },
  {
    of: 'a release that is not fit',
    branch: lasting,
    acts: [{ name: 'unfit', perform: pushUnfit }],
  },
  {
    of: 'a release that fails on its probation',
    branch: lasting,
    acts: [{ name: 'give up', prepare: settleLasting, perform: giveUp }],
  },
  {
    of: 'a build that fails and its retry',
    branch: lasting,
    acts: [
      { name: 'fail', prepare: settleTwice, perform: pushFailing },
      { name: 'retry', perform: retry },
    ],
  },
  // Last: it leaves one release more than the others begin with.
  { of: 'a rotation', branch: lasting, acts: [{ name: 'rotate', prepare: rotateBefore, perform: rotate }] },
];
