import { readFileSync } from 'node:fs';

export interface ProcessState {
  /** Clock ticks since boot: together with the number it names one process. */
  readonly startTime: string;
  readonly group: number;
  /** It is a zombie: ended, all its files closed, not yet reaped. */
  readonly ended: boolean;
}

/** What /proc shows of a process, or `null` where there is none, see proc_pid_stat(5). */
export function readProcess(pid: number): ProcessState | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // ENOENT, or ESRCH when it ends while it is read
  }
  // The second field is the program's name in parentheses and may hold anything, so count from its end: field 3 is first.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', group = '', startTime = ''] = [fields[0], fields[2], fields[19]];
  return { startTime, group: Number(group), ended: state === 'Z' || state === 'X' };
}
