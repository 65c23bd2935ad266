import { bough as commandLine } from '../support/command-line.ts';
import { killWorkerAt } from '../support/worker-drop-in.ts';
import { breakPart, type Parts } from './break-part.ts';
import type { Forge } from './forge.ts';
import { harm } from './harm.ts';
import type { Action } from './schedule.ts';

/** What actions work on. */
export interface Stage extends Parts {
  readonly forge: Forge;
}

/** Lets one thing happen. It resolves when it has happened, not when it is healed. */
export async function perform(action: Action, stage: Stage): Promise<void> {
  const { bough, forge } = stage;
  switch (action.do) {
    case 'push':
      await forge.push(action.branch, action.kind, action.told);
      return;
    case 'rewind':
      await forge.rewind(action.branch, action.told);
      return;
    case 'delete':
      await forge.remove(action.branch, action.told);
      return;
    case 'recreate':
      await forge.remove(action.branch, action.told);
      await forge.push(action.branch, 'good', action.told);
      return;
    case 'kill-worker-at':
      return await killWorkerAt(action.point);
    case 'rollback':
    case 'suspend':
    case 'resume':
    case 'unpin':
      // It may be refused: there may be no such branch, or nothing to go back to.
      await commandLine([action.do, 'demo', action.branch, '--why', 'chaos']);
      return;
    case 'retry-failed':
      for (const job of await bough.builds.getFailed(0, 5)) await job.retry().catch(() => undefined); // somebody else did
      return;
    case 'sweep':
      await bough.sweeps.add('sweep', { asked: { by: 'person' } });
      return;
    case 'break':
      return await breakPart(action.what, stage);
    case 'harm':
      return await harm(action.what);
  }
}
