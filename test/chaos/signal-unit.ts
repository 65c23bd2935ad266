import { systemctl } from '../support/installation.ts';

/** Sends a signal to the main process of a unit, where it has one. */
export async function signalUnit(unit: string, name: NodeJS.Signals): Promise<void> {
  const pid = Number(await systemctl('show', '--value', '--property=MainPID', unit));
  if (pid > 0) kill(pid, name);
}

/** Sends a signal to a process, which may have ended. */
export function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
