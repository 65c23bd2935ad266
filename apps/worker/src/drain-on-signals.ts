import type { Logger } from 'pino';
import { Cancelled } from './cancelled.ts';
import type { StartedWorker } from './start-worker.ts';

/** What a signal stops. */
export interface StopSignals {
  /** Aborted by the first signal: whoever waits before there is a worker stops waiting. */
  readonly signal: AbortSignal;
  /** From now on a signal drains this worker. */
  readonly drainWith: (worker: StartedWorker) => void;
}

/**
 * Ends the process well, with exit code 0, on the first SIGTERM or SIGINT; at once on the second, as its impatient
 * sender wants.
 */
export function drainOnSignals(process: NodeJS.Process, log: Logger): StopSignals {
  const stop = new AbortController();
  let worker: StartedWorker | null = null;

  async function end(): Promise<void> {
    if (worker === null) process.exit(0); // standing by, or waiting for Redis
    try {
      await worker.drain();
      process.exit(0);
    } catch (err) {
      log.error({ err }, 'the worker did not drain');
      process.exit(1);
    }
  }

  function onSignal(name: NodeJS.Signals, number: number): void {
    if (stop.signal.aborted) process.exit(128 + number);
    log.info({ signal: name }, 'stopping');
    stop.abort(new Cancelled({ kind: 'shutdown' }));
    void end();
  }
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  return {
    signal: stop.signal,
    drainWith(started) {
      worker = started;
    },
  };
}
