import type { ErrorCode } from '../error-table.ts';
import type { UnitState } from '../systemd/unit-state.ts';

/** Why a process is not up, from what systemd says of it. */
export interface Diagnosis {
  readonly code: ErrorCode;
  readonly what: string;
}

const exited = 1; // CLD_EXITED of waitid(2)
const killed = 2;
const dumped = 3;

/** systemd.exec(5), "Process exit codes": from 200 on systemd itself failed before the program began. */
const firstSystemdStatus = 200;
const noCredentials = 243;

/** Reads a process unit that is failed, restarting or gone. `null`: nothing is wrong with it. */
export function diagnose(unit: UnitState): Diagnosis | null {
  if (unit.load !== 'loaded') return { code: 'APP_START', what: `systemd says ${unit.load} of ${unit.name}` };
  const isUp = unit.active === 'active' && unit.sub === 'running';
  if (isUp) return null;
  if (unit.exitKind === exited && unit.exitStatus === noCredentials)
    return { code: 'APP_CREDENTIALS', what: 'a file of its credentials cannot be read' };
  if (unit.exitKind === exited && unit.exitStatus >= firstSystemdStatus) {
    return { code: 'APP_START', what: `systemd could not start the program (status ${unit.exitStatus})` };
  }
  if (unit.exitKind === exited) return { code: 'APP_EXITED', what: `the process ended with status ${unit.exitStatus}` };
  if (unit.exitKind === dumped)
    return { code: 'APP_EXITED', what: `the process crashed with signal ${unit.exitStatus}` };
  // systemd itself ends a process whose ExecStartPost= failed, which here only waits for the port.
  if (unit.exitKind === killed && unit.exitStatus === 15)
    return { code: 'APP_NEVER_LISTENED', what: 'the process did not listen in time' };
  if (unit.exitKind === killed)
    return { code: 'APP_EXITED', what: `the process was killed by signal ${unit.exitStatus}` };
  if (unit.result === 'timeout') return { code: 'APP_NEVER_LISTENED', what: 'the process did not get ready in time' };
  return { code: 'APP_START', what: `${unit.name} is ${unit.active} (${unit.sub}, ${unit.result})` };
}
