import { flushCompileCache } from 'node:module';
import { describeError } from '@bough/core/app-error.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { loadConfig } from '@bough/host/config/load-config.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { readSecret } from '@bough/host/secret-file.ts';
import { feedWatchdog } from '@bough/host/systemd/watchdog.ts';
import { acquireWorkerLock } from '@bough/host/worker-lock.ts';
import { pino } from 'pino';
import { drainOnSignals } from './drain-on-signals.ts';
import { createProgress } from './progress.ts';

const exitUsage = 64; // EX_USAGE of sysexits.h
const exitConfig = 78; // EX_CONFIG; the unit says RestartPreventExitStatus=78

const path = process.argv[2] ?? process.env['BOUGH_CONFIG'];
if (path === undefined) {
  process.stderr.write('usage: node main.ts CONFIG (or set BOUGH_CONFIG)\n');
  process.exit(exitUsage);
}
const { config, redisPassword } = await loadSettings(path);

const log = pino({ name: 'bough-worker', level: config.logLevel });
const stop = drainOnSignals(process, log);
const progress = createProgress();
// From here on: a standby makes progress too. Its commands do not hold the worker lock.
feedWatchdog({ ...progress, run: createRunCommand({ log }), environment: process.env, log });
// A stray rejection inside a library must not end an hour's build; what matters is awaited somewhere.
process.on('unhandledRejection', (err) => log.error({ err }, 'a promise was rejected and nobody looked'));

try {
  // Most of the program is loaded while the lock is waited for: a restarted worker is to build again within a second.
  const [{ fd }, { work }] = await Promise.all([
    acquireWorkerLock(layoutOf(config).lock, {
      log,
      signal: stop.signal,
      onWaiting: (owner) => log.info({ owner: owner.pid }, 'standing by: another worker holds the lock'),
    }),
    import('./work.ts'),
  ]);
  stop.drainWith(await work({ config, redisPassword, lockFd: fd, environment: process.env, progress, log }));
  setTimeout(flushCompileCache, 2_000).unref(); // Node does it at a good end only; see NODE_COMPILE_CACHE in the unit
} catch (err) {
  log.fatal({ err }, 'the worker cannot start');
  process.exit(1);
}

async function loadSettings(from: string) {
  try {
    const loaded = await loadConfig(from);
    const { passwordFile } = loaded.redis;
    return { config: loaded, redisPassword: passwordFile === undefined ? undefined : await readSecret(passwordFile) };
  } catch (error) {
    process.stderr.write(`bough-worker cannot start:\n${describeError(error)}\n`);
    process.exit(exitConfig);
  }
}
