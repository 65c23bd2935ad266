import { readFileSync } from 'node:fs';
import { systemctl } from '../../support/installation.ts';

/** Memory a process has for itself, shared with no other, in KiB. */
export function privateKiB(pid: number): number {
  return Number(/^Private_Dirty:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
}

export async function mainPid(unit: string): Promise<number> {
  return Number(await systemctl('show', '--value', '--property=MainPID', unit));
}

/** Processor time of a service so far, that of its children included, in ms; see cgroups(7). */
export async function cpuMs(unit: string): Promise<number> {
  const group = (await systemctl('show', '--value', '--property=ControlGroup', unit)).trim();
  const text = readFileSync(`/sys/fs/cgroup${group}/cpu.stat`, 'utf8');
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1]) / 1000;
}

/** Processor time of systemd itself so far, in ms. */
export function systemdCpuMs(): number {
  const fields = readFileSync('/proc/1/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10; // utime and stime, in ticks of 10 ms; see proc_pid_stat(5)
}
