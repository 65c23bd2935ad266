import { readFileSync } from 'node:fs';
import { redactUrls } from '@bough/core/text/redact-url.ts';
import type { Logger } from 'pino';
import { findLockHolders } from './find-lock-holders.ts';
import { readProcess } from './read-process.ts';

/** Long enough for git and nix to remove their own lock files, short enough to be building again within a second. */
const graceMs = 300;

/**
 * Ends what a dead worker left running, as found by the lock it inherited. Call `next` until the lock is free: it sends
 * SIGTERM to every holder seen for the first time, SIGKILL once its grace is over.
 */
export function endOrphans(path: string, log: Logger): { next(): void } {
  const seen = new Map<string, { until: number; killed: boolean }>();

  function next(): void {
    const holders = findLockHolders(path);
    for (const pid of holders) {
      const state = readProcess(pid);
      if (state === null || state.ended) continue;
      const key = `${pid} ${state.startTime}`;
      const known = seen.get(key);
      // The whole group when the holder leads one, as our children do: what it started may have closed the descriptor.
      const target = state.group === pid ? -pid : pid;
      if (known === undefined) {
        log.warn({ pid, command: commandOf(pid) }, 'ending a process that a dead worker left behind');
        seen.set(key, { until: Date.now() + graceMs, killed: false });
        send(target, 'SIGTERM', log);
      } else if (!known.killed && Date.now() >= known.until) {
        log.warn({ pid }, 'killing a process that a dead worker left behind and that does not end');
        known.killed = true;
        send(target, 'SIGKILL', log);
      }
    }
  }
  return { next };
}

function send(target: number, signal: NodeJS.Signals, log: Logger): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return; // ended by itself
    log.error({ err: error, target, signal }, 'a process that a dead worker left behind cannot be ended');
  }
}

function commandOf(pid: number): string {
  try {
    return redactUrls(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()).slice(0, 200);
  } catch {
    return '';
  }
}
