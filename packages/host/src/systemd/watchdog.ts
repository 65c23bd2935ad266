import { printable } from '@bough/core/text/printable.ts';
import type { Logger } from 'pino';
import type { RunCommand } from '../run-command.ts';

/** What feeding the watchdog needs. */
export interface WatchdogHost {
  readonly run: RunCommand;
  /** As systemd set it: without `WATCHDOG_USEC` nobody watches; see sd_watchdog_enabled(3). */
  readonly environment: NodeJS.ProcessEnv;
  /** What stands still and will not move again; `null` while all is well. */
  readonly stuck: () => string | null;
  /** What `systemctl status` shows. */
  readonly status: () => string;
  readonly log: Logger;
}

/**
 * Tells systemd thrice within the time it allows that the process makes progress. Nothing is told while something is stuck,
 * and a blocked event loop tells nothing by itself: systemd then ends the process and starts it again. Through
 * `systemd-notify`, as Node has no datagrams over unix sockets; the unit needs `NotifyAccess=all` for that.
 */
export function feedWatchdog({ run, environment, stuck, status, log }: WatchdogHost): void {
  const usec = Number(environment['WATCHDOG_USEC']);
  const socket = environment['NOTIFY_SOCKET'];
  if (!(usec > 0) || socket === undefined) return;
  let isTold = false;
  let isFeeding = false;

  const env = { NOTIFY_SOCKET: socket };

  async function feed(): Promise<void> {
    const what = stuck();
    if (what !== null) {
      if (!isTold) log.error({ what }, 'this should have ended long ago; systemd is to start this process again');
      isTold = true;
      return;
    }
    isTold = false;
    if (isFeeding) return;
    isFeeding = true;
    try {
      await run(['systemd-notify', `--status=${printable(status(), 300)}`, 'WATCHDOG=1'], { env });
    } catch (err) {
      log.error({ err }, 'systemd cannot be told of progress, and will end this process and start it again');
    } finally {
      isFeeding = false;
    }
  }

  void feed();
  setInterval(() => void feed(), usec / 3_000).unref();
}
