import { appendFile, readdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemctl } from '../support/installation.ts';
import type { Done } from './deed.ts';
import { type Harm, untouched } from './schedule.ts';
import { signalUnit } from './signal-unit.ts';

const harmed = new RegExp(`^bough-demo--(?!(?:${untouched.join('|')})--).*-web\\.service$`);
/** A person who masks a unit takes it back in the end: until then its branch is rightly down. */
const maskedMs = 1_500;

/** Does by hand what one should not do to the nth unit of those that are not of a branch nobody touches; nothing where there is none. */
export async function harm(fault: Harm, nth: number): Promise<Done> {
  const folder = '/run/systemd/system';
  const units = (await readdir(folder)).filter((name) => harmed.test(name)).toSorted();
  const unit = units[nth % units.length];
  if (unit === undefined) return { missed: true };
  return (await harmUnit(fault, unit, folder)) ? { unit } : { unit, missed: true };
}

/** Gives whether there was what it is done to: the unit may be gone meanwhile, its process may be down. */
async function harmUnit(fault: Harm, unit: string, folder: string): Promise<boolean> {
  const didStop = async () =>
    await systemctl('stop', unit).then(
      () => true,
      () => false,
    );
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
    case 'edit-unit':
      await appendFile(`/var/lib/bough/units/${unit}`, '# edited by hand\n');
      return true;
    case 'delete-unit':
      return await isRemoved(`${folder}/${unit}`);
    case 'delete-sockets': {
      const slug = /^bough-demo--(.*)--r\d+-/.exec(unit)?.[1] ?? '';
      return await isRemoved(`/run/bough/demo/${slug}`);
    }
  }
}

async function isRemoved(path: string): Promise<boolean> {
  return await rm(path, { recursive: true }).then(
    () => true,
    () => false,
  );
}
