import { readdirSync, readFileSync } from 'node:fs';

/**
 * The processes of builds on this machine, as text: builders and what they started, which run as build users of the Nix daemon,
 * and the Nix and git children of the worker.
 */
export function buildProcesses(): string[] {
  const builders = new Set(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('nixbld'))
      .map((line) => line.split(':')[2] ?? ''),
  );
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const isZombie = /^State:\s+Z/m.test(status);
        const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? '';
        const isOurs = builders.has(uid) || /^(\S*\/)?(nix|nix-store|git) /.test(command);
        return isOurs && !isZombie ? [`${pid} ${uid} ${command}`] : [];
      } catch {
        return []; // it has just ended
      }
    });
}
