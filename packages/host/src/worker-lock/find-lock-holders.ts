import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

/**
 * The processes that hold the flock on a file through a descriptor they inherited. A process that merely has the file
 * open (a standby that is just trying) is none of them: `fdinfo` shows a `lock:` line only for the open file
 * description that holds it, see proc_pid_fdinfo(5). Shows only processes this user may look into.
 */
export function findLockHolders(path: string): number[] {
  const target = realpathSync(path);
  return readdirSync('/proc')
    .filter((name) => /^[1-9][0-9]*$/.test(name))
    .map(Number)
    .filter((pid) => pid !== 1 && pid !== process.pid && holds(pid, target));
}

function holds(pid: number, target: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/fd/${fd}`) === target &&
          /^lock:.*\bFLOCK\b/m.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))
        );
      } catch {
        return false; // closed meanwhile
      }
    });
  } catch {
    return false; // ended meanwhile, or another user's
  }
}
