import { shownProperties } from './unit-state.ts';

type Scope = 'system' | 'user';
type Argv = readonly [string, ...string[]];

const base = (scope: Scope): Argv => ['systemctl', ...(scope === 'user' ? ['--user'] : []), '--no-ask-password'];

/** argv of `systemctl`, built apart from running it. Unit names come after `--`. */
export const systemctl = {
  show: (scope: Scope, units: readonly string[]): Argv => [
    ...base(scope),
    'show',
    `--property=${shownProperties.join(',')}`,
    '--',
    ...units,
  ],
  start: (scope: Scope, units: readonly string[]): Argv => [
    ...base(scope),
    '--job-mode=replace',
    'start',
    '--',
    ...units,
  ],
  stop: (scope: Scope, units: readonly string[]): Argv => [
    ...base(scope),
    '--job-mode=replace',
    'stop',
    '--',
    ...units,
  ],
  resetFailed: (scope: Scope, units: readonly string[]): Argv => [...base(scope), 'reset-failed', '--', ...units],
  clean: (scope: Scope, unit: string): Argv => [...base(scope), 'clean', '--what=all', '--', unit],
  /** A timer takes no other word for it than `state` (timer_clean of systemd's timer.c). */
  cleanTimer: (scope: Scope, unit: string): Argv => [...base(scope), 'clean', '--what=state', '--', unit],
  daemonReload: (scope: Scope): Argv => [...base(scope), 'daemon-reload'],
  /** Every unit of ours systemd knows, loaded or failed, one name a line before the first space. */
  list: (scope: Scope, glob: string): Argv => [
    ...base(scope),
    'list-units',
    '--all',
    '--plain',
    '--no-legend',
    '--full',
    '--',
    glob,
  ],
  version: (): Argv => ['systemctl', '--version'],
} as const;

/**
 * argv of `journalctl` for the last lines of a unit since a time, the last one first. A unit's name belongs to one release; but a branch that
 * is deleted and pushed again begins with release 1 anew, and the journal remembers the one before.
 */
export function journalOf(scope: Scope, unit: string, lines: number, since: Date): Argv {
  return [
    'journalctl',
    scope === 'user' ? `--user-unit=${unit}` : `--unit=${unit}`,
    '--no-pager',
    '--output=cat',
    '--reverse', // without it, journalctl of systemd 252 gives the first lines since a time
    `--lines=${lines}`,
    `--since=@${since.getTime() / 1000}`, // since the epoch, whatever the time zone
  ];
}

/**
 * argv of `systemd-analyze verify`, which ends with 1 for an unknown key, a value it cannot read or a program that is not
 * there, where `systemctl` would warn and go on. Without manual pages, and without the units these depend on.
 */
export function analyzeVerify(scope: Scope, files: readonly string[]): Argv {
  return [
    'systemd-analyze',
    ...(scope === 'user' ? ['--user'] : []),
    'verify',
    '--man=no',
    '--recursive-errors=no',
    '--',
    ...files,
  ];
}
