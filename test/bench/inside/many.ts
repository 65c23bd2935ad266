import { readdirSync, readFileSync } from 'node:fs';
import { systemctl } from '../../support/installation.ts';
import { until } from '../../support/until.ts';

/** The branches of the bench. None is production, which would not sleep. */
export const branches = (count: number) => Array.from({ length: count }, (_, index) => `preview-${index + 1}`);

/** Processes below the slices of the apps, as the kernel knows them. */
export function appProcesses(): number {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return /\/bough-(?:previews|production)\.slice\//.test(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
    } catch {
      return false; // it has ended
    }
  }).length;
}

/** Services of apps that systemd takes for running. */
export async function runningServices(): Promise<number> {
  const lines = await systemctl('list-units', '--state=running', '--plain', '--no-legend', 'bough-demo--*.service');
  return lines.split('\n').filter((line) => line !== '').length;
}

export async function untilAllSleep(): Promise<void> {
  await until('all are asleep', () => appProcesses() === 0, 300_000);
}

/** Asks a branch through Caddy. Gives the ms until all of the answer was there, and whether it is that branch's. */
export async function ask(branch: string): Promise<{ ms: number; ok: boolean; status: number }> {
  const began = performance.now();
  const response = await fetch(`http://127.0.0.1:8080/${branch}/`, { signal: AbortSignal.timeout(120_000) });
  const body = await response.text();
  return {
    ms: performance.now() - began,
    ok: response.status === 200 && body.endsWith(` of ${branch}\n`),
    status: response.status,
  };
}
