// A worker as it is shipped but for what its jobs do: lock, queues, recovery and drain are the real ones; a build is a
// shell loop that says every 20 ms that it runs. Started by `startShell`.
import { acquireWorkerLock } from '@bough/host/worker-lock.ts';
import { drainOnSignals } from '@bough/worker/drain-on-signals.ts';
import { pino } from 'pino';
import type { ShellOptions } from './start-shell.ts';

const options: ShellOptions = JSON.parse(process.argv[2] ?? '{}');
const log = pino({ level: 'debug' });
const stop = drainOnSignals(process, log);
const [{ fd }, { work }] = await Promise.all([
  acquireWorkerLock(`${options.folder}/worker.lock`, {
    log,
    signal: stop.signal,
    onWaiting: (owner) => log.info({ owner: owner.pid }, 'standing by'),
  }),
  import('./work.ts'),
]);
stop.drainWith(await work(options, fd, log));
