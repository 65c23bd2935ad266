import { parseUnitName } from '../unit-name.ts';

/**
 * What a unit of a live release does. `stays`: it is up all the time. `wakes`: it is up while the release is verified and
 * may sleep after that. `rests`: something else starts it (a connection, a timer, a setup).
 */
export type UnitDuty = 'stays' | 'wakes' | 'rests';

/**
 * The duty of a unit, from its name and its recorded text. `isAsleep`: the limits of the project put its deployment to
 * sleep, so its processes wait for a visit.
 */
export function dutyOf(unit: string, text: string, isAsleep = false): UnitDuty {
  const sleeps = / --exit-idle-time=/.test(text) || /^StopWhenUnneeded=yes$/m.test(text);
  switch (parseUnitName(unit)?.role) {
    case 'socket':
    case 'timer':
      return 'stays';
    case 'proxy':
      return sleeps ? 'wakes' : 'rests'; // it takes the process with it
    case 'process':
      return sleeps || isAsleep || /^Type=oneshot$/m.test(text) ? 'rests' : 'stays';
    case 'setup':
    case undefined:
      return 'rests';
  }
}
