/** What systemd says of a unit, as far as reconciling needs it. See org.freedesktop.systemd1(5). */
export interface UnitState {
  readonly name: string;
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error` … */
  readonly load: string;
  /**
   * `active`, `inactive`, `failed`, `activating`, `deactivating` … A process that ended once it was told to is `inactive`,
   * however it ended: many programs end with a status of their own, or have to be killed, and systemd calls that failed.
   */
  readonly active: string;
  readonly sub: string;
  readonly fragmentPath: string;
  readonly dropIns: readonly string[];
  readonly needsReload: boolean;
  readonly invocation: string;
  readonly mainPid: number;
  readonly restarts: number;
  /** `success`, `exit-code`, `signal`, `timeout`, `start-limit-hit` … */
  readonly result: string;
  /** 0 none yet, 1 exited, 2 killed, 3 dumped (the CLD_ codes of waitid(2)). */
  readonly exitKind: number;
  readonly exitStatus: number;
}

/** The properties `parseShow` reads; what `systemctl show` is asked for. */
export const shownProperties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'FragmentPath',
  'DropInPaths',
  'NeedDaemonReload',
  'InvocationID',
  'MainPID',
  'NRestarts',
  'Result',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestampMonotonic',
  'ActiveExitTimestampMonotonic',
  'ExecMainExitTimestampMonotonic',
] as const;

type Shown = (typeof shownProperties)[number];

/** Reads the output of `systemctl show`: blocks of `Key=value` lines, one per unit, parted by blank lines. */
export function parseShow(output: string): UnitState[] {
  return output
    .split('\n\n')
    .map(
      (block) =>
        new Map(
          block
            .split('\n')
            .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        ),
    )
    .filter((block) => block.has('Id'))
    .map((block) => {
      const text = (key: Shown) => block.get(key) ?? '';
      return {
        name: text('Id'),
        load: text('LoadState'),
        active: endedAsTold(text) ? 'inactive' : text('ActiveState'),
        sub: text('SubState'),
        fragmentPath: text('FragmentPath'),
        dropIns: text('DropInPaths')
          .split(' ')
          .filter((path) => path !== ''),
        needsReload: text('NeedDaemonReload') === 'yes',
        invocation: text('InvocationID'),
        mainPid: Number(text('MainPID')),
        restarts: Number(text('NRestarts')),
        result: text('Result'),
        exitKind: Number(text('ExecMainCode')),
        exitStatus: Number(text('ExecMainStatus')),
      };
    });
}

/** Its process was up, was no more `active` from when systemd began to stop it, and ended after that. A crash is the other way round. */
function endedAsTold(text: (key: Shown) => string): boolean {
  const began = Number(text('ExecMainStartTimestampMonotonic'));
  const told = Number(text('ActiveExitTimestampMonotonic'));
  const ended = Number(text('ExecMainExitTimestampMonotonic'));
  // Memory and a watchdog make systemd stop a process too: these are its own doing.
  const isOfEnding = ['exit-code', 'signal', 'core-dump', 'timeout'].includes(text('Result'));
  return text('ActiveState') === 'failed' && isOfEnding && began > 0 && began <= told && told < ended;
}
