import { readdirSync, readFileSync } from 'node:fs';
import { type HostProcess, mayBeNix, orphanedBuilders } from '@bough/core/nix/orphaned-builders.ts';
import { readProcess } from '../worker-lock/read-process.ts';

/** The users Nix makes up for builders with `auto-allocate-uids`: `start-id` and `id-count` of nix.conf(5). */
const allocated = { from: 872_415_232, count: 8_388_608 };

/**
 * The processes of this host that build for nobody. `hasDaemon`: builders have users of their own. Without, those of this user
 * are told by their environment, which only Nix makes so. Takes some milliseconds, and shows what this user may see.
 */
export function findOrphanedBuilders({ hasDaemon }: { readonly hasDaemon: boolean }): HostProcess[] {
  const group = buildersGroup();
  const processes: HostProcess[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^[1-9]\d*$/.test(name))) {
    const status = read(`/proc/${pid}/status`);
    const [uid = -1, gid = -1] = [numberIn(status, 'Uid'), numberIn(status, 'Gid')];
    const isBuildUser = gid === group || (uid >= allocated.from && uid < allocated.from + allocated.count);
    const isOwnBuild =
      !hasDaemon && !isBuildUser && uid === process.geteuid?.() && isBuild(read(`/proc/${pid}/environ`));
    const state = readProcess(Number(pid));
    if (state === null || state.ended) continue;
    processes.push({
      pid: Number(pid),
      parent: numberIn(status, 'PPid') ?? 0,
      uid,
      startTime: Number(state.startTime),
      argv: mayBeNix(/^Name:\t(.*)$/m.exec(status)?.[1] ?? '') ? read(`/proc/${pid}/cmdline`).split('\0') : [],
      isContained: /^NSpid:\t\d+\t/m.test(status),
      builds: isBuildUser ? 'as build user' : isOwnBuild ? 'as its client' : null,
    });
  }
  return orphanedBuilders(processes);
}

/** Nix gives a builder its folder, and so it does a shell for people, which says what it is. */
function isBuild(environment: string): boolean {
  const names = environment.split('\0').map((line) => line.slice(0, line.indexOf('=')));
  return names.includes('NIX_BUILD_TOP') && !names.includes('IN_NIX_SHELL');
}

/** `build-users-group` of nix.conf(5), which every installation calls so. */
function buildersGroup(): number | null {
  const line = /^nixbld:[^:]*:(\d+):/m.exec(read('/etc/group'));
  return line === null ? null : Number(line[1]);
}

/** The real one of a user's or group's four numbers, or the only one; see proc_pid_status(5). */
function numberIn(status: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\t(\\d+)`, 'm').exec(status)?.[1];
  return found === undefined ? undefined : Number(found);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended, or is another's
  }
}
