import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from '../support/installation.ts';
import { until } from '../support/until.ts';

/** The sweep of every 5 s may be at it just then. */
const calmMs = 10_000;

/** What is still wrong when time is up; nothing once `compare` finds all right, twice in a row. */
export async function untilRight(compare: () => Promise<string[]>, deadlineMs: number): Promise<readonly string[]> {
  let problems: readonly string[] = ['nothing was compared'];
  let right = 0;
  try {
    await until(
      'all is as it should be',
      async () => {
        problems = await compare().catch((error: unknown) => [String(error)]); // a mirror that is being made anew
        right = problems.length === 0 ? right + 1 : 0;
        if (right < 2) await sleep(200);
        return right === 2;
      },
      deadlineMs,
    );
  } catch (error) {
    return [String(error), ...problems];
  }
  return [];
}

/** What is wrong once there is nothing left to do. */
export async function staysRight(bough: Installation, compare: () => Promise<string[]>): Promise<readonly string[]> {
  try {
    await calmDown(bough);
  } catch (error) {
    return [String(error)];
  }
  return (await untilRight(compare, calmMs)).map((problem) => `when nothing was left to do: ${problem}`);
}

/** Waits until nothing is left to do: not what is put off for a while either, nor what one more sweep finds. */
async function calmDown(bough: Installation): Promise<void> {
  await bough.untilIdle();
  for (const queue of [bough.builds, bough.reconciles, bough.sweeps, bough.operations])
    for (const job of await queue.getDelayed())
      if (job.repeatJobKey === undefined) await job.promote().catch(() => undefined); // its time may have come
  await bough.sweep();
}
