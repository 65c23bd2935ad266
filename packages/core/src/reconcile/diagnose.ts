import type { ErrorCode } from '../error-table.ts';
import { systemdExit } from '../systemd/exit-status.ts';
import type { UnitState } from '../systemd/unit-state.ts';

/** Why a process is not up, from what systemd says of it. */
export interface Diagnosis {
  readonly code: ErrorCode;
  readonly what: string;
}

const exited = 1; // CLD_EXITED of waitid(2)
const killed = 2;
const dumped = 3;

const noCredentials = 243;

/** Reads a process unit that is failed, restarting or gone. `null`: nothing is wrong with it. */
export function diagnose(unit: UnitState): Diagnosis | null {
  // What a person does to a unit meanwhile is no verdict over the release.
  if (unit.load === 'masked') return { code: 'RELEASE_BLOCKED', what: `${unit.name} was masked` };
  if (unit.load === 'not-found') return { code: 'HOST_START', what: `the file of ${unit.name} is gone` };
  if (unit.load !== 'loaded') return { code: 'APP_START', what: `systemd says ${unit.load} of ${unit.name}` };
  const isUp = unit.active === 'active' && unit.sub === 'running';
  if (isUp) return null;
  const stop = diagnoseStop(unit);
  if (stop !== null) return { code: 'HOST_START', what: stop };
  const refused = unit.exitKind === exited ? diagnoseRefusal(unit.exitStatus) : null;
  if (refused !== null) return refused;
  if (unit.exitKind === exited) return { code: 'APP_EXITED', what: `the process ended with status ${unit.exitStatus}` };
  if (unit.exitKind === dumped)
    return { code: 'APP_EXITED', what: `the process crashed with signal ${unit.exitStatus}` };
  // systemd itself ends a process whose ExecStartPost= failed, which here only waits for the port.
  if (unit.exitKind === killed && unit.exitStatus === 15)
    return { code: 'APP_NEVER_LISTENED', what: 'the process did not listen in time' };
  if (unit.exitKind === killed)
    return { code: 'APP_EXITED', what: `the process was killed by signal ${unit.exitStatus}` };
  if (unit.result === 'timeout') return { code: 'APP_NEVER_LISTENED', what: 'the process did not get ready in time' };
  // Who looks late finds its next run begun, of which systemd knows no end.
  if (unit.active === 'activating' && unit.restarts > 0)
    return { code: 'APP_EXITED', what: 'the process ended and is being started again' };
  return { code: 'APP_START', what: `${unit.name} is ${unit.active} (${unit.sub}, ${unit.result})` };
}

/** Whether it has not run at all: its start was called off, or what it needs did not start. */
export function hasNotRun({ load, active, exitKind }: UnitState): boolean {
  return load === 'loaded' && active === 'inactive' && exitKind === 0;
}

/** How somebody keeps a process from being up; `null`: nobody does. `Restart=` brings back what ended by itself. */
function diagnoseStop(unit: UnitState): string | null {
  const { active, result, exitKind, exitStatus } = unit;
  if (hasNotRun(unit)) return 'its start was called off';
  if (active === 'inactive') return 'somebody stopped the process';
  // One that ends by itself before it listens makes what waits for its port end with a status: then the result is `exit-code`.
  // A stop ends that with a signal.
  const isAsTold = exitKind === 0 || exitStatus === (exitKind === killed ? 15 : 0);
  if (active === 'deactivating' && isAsTold && ['success', 'signal'].includes(result))
    return 'somebody is stopping the process';
  return isAsTold && result === 'signal' ? 'somebody stopped the process' : null;
}

/** Reads the unit of a `preStart` that did not end well. */
export function diagnoseSetup(unit: UnitState | undefined): Diagnosis {
  const refused = unit?.exitKind === exited ? diagnoseRefusal(unit.exitStatus) : null;
  if (refused !== null) return refused;
  if (unit?.result === 'timeout') return { code: 'APP_SETUP', what: 'preStart took longer than its limit' };
  if (unit?.exitKind === killed || unit?.exitKind === dumped)
    return { code: 'APP_SETUP', what: `preStart was ended by signal ${unit.exitStatus}` };
  return { code: 'APP_SETUP', what: `preStart ended with status ${unit?.exitStatus ?? '?'}` };
}

/** Why systemd did not come to run a program at all, from the exit status it left; `null`: it did run. */
function diagnoseRefusal(status: number): Diagnosis | null {
  const exit = systemdExit(status);
  if (exit === null) return null;
  if (status === noCredentials) return { code: 'APP_CREDENTIALS', what: 'a file of its credentials cannot be read' };
  const named = `${status}/${exit.name}`;
  if (exit.name === 'EXEC')
    return {
      code: 'APP_START',
      what: `systemd could not execute the program (${named}): it or its interpreter is missing`,
    };
  if (exit.ofRelease)
    return { code: 'APP_START', what: `systemd could not apply a directive of its serviceConfig (${named})` };
  return { code: 'HOST_START', what: `systemd could not set its process up (${named})` };
}
