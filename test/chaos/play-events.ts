import { setTimeout as sleep } from 'node:timers/promises';
import type { Deed } from './deed.ts';
import { perform, type Stage } from './perform.ts';
import type { Action, Event } from './schedule.ts';

/**
 * Lets one event after the other happen, and gives what was done. A fault that lasts meets what the forge does meanwhile; all
 * else waits for its end. Resolves when the last fault is over.
 */
export async function playEvents(events: readonly Event[], stage: Stage): Promise<Deed[]> {
  const deeds: Deed[] = [];
  let lasting: Promise<void> = Promise.resolve();
  for (const { afterMs, action } of events) {
    await sleep(afterMs);
    if (!isOfForge(action)) await lasting;
    const done = carryOut(action);
    if (!lasts(action)) {
      await done;
      continue;
    }
    lasting = done;
    lasting.catch(() => undefined); // it is thrown where it is waited for
  }
  await lasting;
  return deeds;

  async function carryOut(action: Action): Promise<void> {
    const from = Date.now();
    const done = await perform(action, stage);
    deeds.push({ ...done, action, from, to: Date.now() });
  }
}

function isOfForge(action: Action): boolean {
  return ['push', 'rewind', 'delete', 'recreate', 'redeliver'].includes(action.do);
}

/** What is done to the remote keeps the run itself from pushing. */
function lasts(action: Action): boolean {
  return action.do === 'break' && !['lose-remote', 'slow-remote', 'stale-remote'].includes(action.what);
}
