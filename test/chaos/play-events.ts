import { setTimeout as sleep } from 'node:timers/promises';
import { awaitTarget } from './await-target.ts';
import type { Deed, Done } from './deed.ts';
import { mayMeet } from './may-meet.ts';
import { perform, type Stage } from './perform.ts';
import type { Action, Event, Fault } from './schedule.ts';

/**
 * Lets one event after the other happen, and gives what was done. While a fault lasts the forge goes on, and people where they
 * can (`mayMeet`); all else waits for its end. A fault waits a little for whom it is to meet. Resolves when the last one is over.
 */
export async function playEvents(events: readonly Event[], stage: Stage): Promise<Deed[]> {
  const deeds: Deed[] = [];
  let end: Promise<void> = Promise.resolve();
  const lasting = new Set<Fault>(); // one at a time
  for (const { afterMs, action } of events) {
    await sleep(afterMs);
    if (![...lasting].every((fault) => mayMeet(action, fault))) await end;
    if (action.do !== 'break') {
      await carryOut(action);
      continue;
    }
    await end; // the one before may have failed
    const isMet = await awaitTarget(action.what, stage.bough);
    lasting.add(action.what);
    end = carryOut(action, isMet ? {} : { missed: true }).finally(() => lasting.delete(action.what));
    end.catch(() => undefined); // it is thrown where it is waited for
  }
  await end;
  return deeds;

  async function carryOut(action: Action, known: Done = {}): Promise<void> {
    const from = Date.now();
    const done = await perform(action, stage, [...lasting]);
    deeds.push({ ...done, ...known, action, from, to: Date.now() });
  }
}
