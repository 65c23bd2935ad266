import { appendFile, readdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemctl } from '../support/installation.ts';
import type { Done } from './deed.ts';
import type { Harm } from './schedule.ts';
import { signalUnit } from './signal-unit.ts';

/** A person who masks a unit takes it back in the end: until then its branch is rightly down. */
const maskedMs = 1_500;

/** Does by hand what one should not do to the nth unit of those that are not of `main`; nothing where there is none. */
export async function harm(fault: Harm, nth: number): Promise<Done> {
  const folder = '/run/systemd/system';
  const units = (await readdir(folder))
    .filter((name) => /^bough-demo--(?!main--).*-web\.service$/.test(name))
    .toSorted();
  const unit = units[nth % units.length];
  if (unit === undefined) return {};
  await harmUnit(fault, unit, folder);
  return { unit };
}

async function harmUnit(fault: Harm, unit: string, folder: string): Promise<void> {
  switch (fault) {
    case 'stop-unit':
      await systemctl('stop', unit).catch(() => undefined); // it may be gone meanwhile
      return;
    case 'mask-unit':
      await systemctl('mask', unit);
      await systemctl('stop', unit).catch(() => undefined);
      await sleep(maskedMs);
      await systemctl('unmask', unit);
      return;
    case 'kill-app':
      return await signalUnit(unit, 'SIGKILL');
    case 'edit-unit':
      await appendFile(`/var/lib/bough/units/${unit}`, '# edited by hand\n');
      return;
    case 'delete-unit':
      return await rm(`${folder}/${unit}`, { force: true });
    case 'delete-sockets': {
      const slug = /^bough-demo--(.*)--r\d+-/.exec(unit)?.[1] ?? '';
      return await rm(`/run/bough/demo/${slug}`, { recursive: true, force: true });
    }
  }
}
