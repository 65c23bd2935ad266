import type { Installation } from '../support/installation.ts';
import { killWorkerAt } from '../support/worker-drop-in.ts';
import { breakPart, type Parts } from './break-part.ts';
import { command } from './command.ts';
import type { Done } from './deed.ts';
import type { Forge } from './forge.ts';
import { harm } from './harm.ts';
import type { Action, Fault } from './schedule.ts';

/** What actions work on. */
export interface Stage extends Parts {
  readonly forge: Forge;
}

/** Lets one thing happen, while these faults last. It resolves when it has happened, not when it is healed. */
export async function perform(action: Action, stage: Stage, during: readonly Fault[]): Promise<Done> {
  const { bough, forge } = stage;
  switch (action.do) {
    case 'push':
      await forge.push(action.branch, action.kind, action.told);
      return {};
    case 'rewind':
      await forge.rewind(action.branch, action.told);
      return {};
    case 'delete':
      await forge.remove(action.branch, action.told);
      return {};
    case 'recreate':
      await forge.remove(action.branch, action.told);
      await forge.push(action.branch, 'good', action.told);
      return {};
    case 'redeliver':
      await forge.redeliver(action.nth);
      return {};
    case 'kill-worker-at':
      await killWorkerAt(action.point);
      return {};
    case 'retry-failed':
      return { retried: await retryFailed(bough) };
    case 'sweep':
      await bough.sweeps.add('sweep', { asked: { by: 'person' } });
      return {};
    case 'break':
      return (await breakPart(action.what, stage)) ? {} : { missed: true };
    case 'harm':
      return await harm(action.what, action.nth);
    case 'rollback':
    case 'pin':
    case 'unpin':
    case 'suspend':
    case 'resume':
    case 'rotate':
    case 'cancel':
    case 'deploy':
      return await command(action.do, action.branch, stage, during);
  }
}

/** Gives the branches of those that it was who retried. */
async function retryFailed({ builds }: Installation): Promise<string[]> {
  const retried: string[] = [];
  for (const job of await builds.getFailed(0, 5)) {
    await job.retry().then(
      () => retried.push(job.data.branch),
      () => undefined, // somebody else did
    );
  }
  return retried;
}
