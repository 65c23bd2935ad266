import { buildProcesses } from '../support/build-processes.ts';
import type { Installation } from '../support/installation.ts';
import { processesWith } from '../support/processes.ts';
import { until } from '../support/until.ts';
import type { Fault } from './schedule.ts';

/** On a host that is busy what was pushed right before runs after 2 to 4 s. A sweep, which many a fault is to meet, comes every 5 s. */
const patienceMs = 4_000;

type Target = (bough: Installation) => boolean | Promise<boolean>;

const aBuilder: Target = () => processesWith('-build.sh').length > 0;
const aBuild: Target = () => buildProcesses().some((line) => !/^\d+ \d+ (\S*\/)?git /.test(line));
const aJob: Target = async ({ builds, reconciles, sweeps, operations }) => {
  const active = [builds, reconciles, sweeps, operations].map(async (queue) => await queue.getActiveCount());
  return await Promise.all(active).then(
    (counts) => counts.some((count) => count > 0),
    () => false, // a Redis that is starting may refuse
  );
};

/** Who is to be at work when a fault comes. Of the others visitors or a sweep are, or nobody who could be waited for. */
const targets: { readonly [What in Fault]?: Target } = {
  'kill-worker': aJob,
  'freeze-worker': aJob,
  'second-worker': aJob,
  'restart-worker': aJob,
  'block-worker': aJob,
  'clock-forward': aJob,
  'clock-back': aJob,
  'kill-redis': aJob,
  'freeze-redis': aJob,
  'empty-redis': aJob,
  'flush-redis': aJob,
  'starve-redis': aJob,
  'fill-redis-disk': aJob,
  'fill-state-disk': aJob,
  'fill-store-disk': aBuild,
  'restart-nix-daemon': aBuild,
  'kill-nix-daemon': aBuild,
  'freeze-nix-daemon': aBuild,
  'collect-store': aBuild,
  'kill-builder': aBuilder,
};

/** Waits a little until somebody is at work whom the fault meets. Gives whether somebody is. */
export async function awaitTarget(fault: Fault, bough: Installation): Promise<boolean> {
  const target = targets[fault];
  return target === undefined || (await isSoon(async () => await target(bough)));
}

/** Whether something is so within the time one waits for it. */
export async function isSoon(condition: () => Promise<boolean>): Promise<boolean> {
  return await until('there is what it is done to', condition, patienceMs).then(
    () => true,
    () => false,
  );
}
