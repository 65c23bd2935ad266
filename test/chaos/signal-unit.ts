import { systemctl } from '../support/installation.ts';

/** Sends a signal to the main process of a unit. Gives whether it has one. */
export async function signalUnit(unit: string, name: NodeJS.Signals): Promise<boolean> {
  const pid = await mainPidOf(unit);
  return pid > 0 && kill(pid, name);
}

/** 0 where it has none. */
export async function mainPidOf(unit: string): Promise<number> {
  return Number(await systemctl('show', '--value', '--property=MainPID', unit));
}

/** Sends a signal to a process. Gives whether it is still there. */
export function kill(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // it has ended by itself
  }
}
