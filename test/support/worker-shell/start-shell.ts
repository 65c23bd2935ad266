import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ErrorCode } from '@bough/core/error-table.ts';

export interface ShellOptions {
  /** Holds the lock, the plans of the branches, and what happened. */
  readonly folder: string;
  readonly redisUrl: string;
  readonly sweepIntervalSec: number;
  readonly lockDurationMs: number;
  readonly careMs: number;
}

/** What a build of a branch is to do. */
export interface BranchPlan {
  readonly head: string | null;
  /** Why that is not to be built. */
  readonly skip?: string;
  readonly ms: number;
  /** SIGTERM does not end the build. */
  readonly stubborn?: boolean;
  readonly fail?: ErrorCode | null;
}

/** What a processor did. */
export interface ShellEvent {
  readonly type: 'build' | 'built' | 'reconcile' | 'sweep' | 'gc';
  readonly pid: number;
  readonly at: number;
  readonly branch?: string;
  readonly commit?: string | null;
  readonly again?: boolean;
}

/** A worker process of the test's own. */
export interface Shell {
  readonly process: ChildProcess;
  /** Everything it logged. */
  readonly logged: { readonly msg: string; readonly time: number }[];
  /** Ends it like kill -9 and waits for that. */
  kill(): Promise<void>;
  /** Asks it to stop and says how it ended and how long that took. */
  terminate(): Promise<{ code: number | null; ms: number }>;
}

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Starts a worker process. It may have to stand by: wait for what it logs. */
export function startShell(options: ShellOptions): Shell {
  const child = spawn(process.execPath, [main, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const logged: { msg: string; time: number }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (process.env['SHELL_LOG'] !== undefined) console.error(line);
    logged.push(JSON.parse(line));
  });
  const ended = once(child, 'exit');
  return {
    process: child,
    logged,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async terminate() {
      const from = performance.now();
      child.kill('SIGTERM');
      await ended;
      return { code: child.exitCode, ms: performance.now() - from };
    },
  };
}

/** Says what builds of a branch are to do from now on. */
export function planBranch({ folder }: ShellOptions, branch: string, plan: BranchPlan): void {
  writeFileSync(`${folder}/${branch}.json`, JSON.stringify(plan));
}

/** What processors did, in order. */
export function eventsOf({ folder }: ShellOptions): ShellEvent[] {
  return linesOf(`${folder}/events`).map((line): ShellEvent => JSON.parse(line));
}

/** When each build process was alive, by its own account: first and last beat in ms since the epoch. */
export function buildsOf({ folder }: ShellOptions): { pid: number; branch: string; from: number; to: number }[] {
  const builds = new Map<string, { pid: number; branch: string; from: number; to: number }>();
  for (const line of linesOf(`${folder}/beats`)) {
    const [pid = '', branch = '', nanoseconds = ''] = line.split(' ');
    const at = Number(nanoseconds) / 1e6;
    const build = builds.get(pid) ?? { pid: Number(pid), branch, from: at, to: at };
    build.to = at;
    builds.set(pid, build);
  }
  return [...builds.values()].toSorted((a, b) => a.from - b.from);
}

/** For how many ms two build processes were alive at once, summed over all. */
export function overlapMs(builds: readonly { from: number; to: number }[]): number {
  let overlap = 0;
  for (const [i, a] of builds.entries()) {
    for (const b of builds.slice(i + 1)) overlap += Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
  }
  return overlap;
}

function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
