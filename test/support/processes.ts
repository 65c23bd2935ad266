import { readdirSync, readFileSync } from 'node:fs';

/** The ids of the processes whose command line holds a text. */
export function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false; // it has ended
    }
  });
}

/** The same without those that one of them forked and that are about to become another program: they still bear its command line. */
export function programsWith(text: string): string[] {
  const found = processesWith(text);
  return found.filter((pid) => !found.includes(parentOf(pid)));
}

function parentOf(pid: string): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).split(' ')[2] ?? '';
  } catch {
    return ''; // it has ended
  }
}
