import { existsSync } from 'node:fs';
import { appendFile, readdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemctl } from '../support/installation.ts';
import { isSoon } from './await-target.ts';
import type { Done } from './deed.ts';
import { type Harm, untouched } from './schedule.ts';
import { mainPidOf, signalUnit } from './signal-unit.ts';

const folder = '/run/systemd/system';
const harmed = new RegExp(`^bough-demo--(?!(?:${untouched.join('|')})--).*-web\\.service$`);
/** A person who masks a unit takes it back in the end: until then its branch is rightly down. */
const maskedMs = 1_500;

/**
 * Does by hand what one should not do to the nth unit of those that are not of a branch nobody touches, and that have what is
 * harmed. It waits a little until there is one.
 */
export async function harm(fault: Harm, nth: number): Promise<Done> {
  let units: string[] = [];
  const isThere = await isSoon(async () => (units = await unitsWith(fault)).length > 0);
  const unit = units[nth % units.length];
  if (!isThere || unit === undefined) return { missed: true };
  return (await harmUnit(fault, unit)) ? { unit } : { unit, missed: true };
}

async function unitsWith(fault: Harm): Promise<string[]> {
  const units = (await readdir(folder)).filter((name) => harmed.test(name)).toSorted();
  switch (fault) {
    case 'stop-unit':
    case 'mask-unit':
    case 'kill-app': {
      const running = await systemctl('list-units', '--state=running', '--plain', '--no-legend', 'bough-demo--*');
      return units.filter((unit) => running.includes(`${unit} `));
    }
    case 'edit-unit':
      return units.filter((unit) => existsSync(fragmentOf(unit)));
    case 'delete-unit':
      return units;
    case 'delete-sockets':
      return units.filter((unit) => existsSync(socketsOf(unit)));
  }
}

/** Gives whether there was what it is done to: the unit may be gone meanwhile, its process may be down. */
async function harmUnit(fault: Harm, unit: string): Promise<boolean> {
  const didStop = async () =>
    (await mainPidOf(unit)) > 0 &&
    (await systemctl('stop', unit).then(
      () => true,
      () => false,
    ));
  switch (fault) {
    case 'stop-unit':
      return await didStop();
    case 'mask-unit': {
      await systemctl('mask', unit);
      const isStopped = await didStop();
      await sleep(maskedMs);
      await systemctl('unmask', unit);
      return isStopped;
    }
    case 'kill-app':
      return await signalUnit(unit, 'SIGKILL');
    case 'edit-unit': {
      const isThere = existsSync(fragmentOf(unit));
      await appendFile(fragmentOf(unit), '# edited by hand\n');
      return isThere;
    }
    case 'delete-unit':
      return await isRemoved(`${folder}/${unit}`);
    case 'delete-sockets':
      return await isRemoved(socketsOf(unit));
  }
}

const fragmentOf = (unit: string): string => `/var/lib/bough/units/${unit}`;
const socketsOf = (unit: string): string => `/run/bough/demo/${/^bough-demo--(.*)--r\d+-/.exec(unit)?.[1] ?? ''}`;

async function isRemoved(path: string): Promise<boolean> {
  return await rm(path, { recursive: true }).then(
    () => true,
    () => false,
  );
}
