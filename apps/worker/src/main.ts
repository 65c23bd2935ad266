import { flushCompileCache } from 'node:module';
import { layoutOf } from '@bough/core/layout.ts';
import { loadSettings } from '@bough/host/config/load-settings.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
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
const settings = await loadSettings(path, { secrets: (setting) => setting === 'redis.passwordFile' });
if ('problems' in settings) {
  process.stderr.write(`bough-worker cannot start:\n${settings.problems.join('\n')}\n`);
  process.exit(exitConfig);
}
const { config, secrets } = settings;
const redisPassword = secrets.get('redis.passwordFile');

// What ioredis was sending when it failed, its password among it.
const log = pino({ name: 'bough-worker', level: config.logLevel, redact: ['err.command.args'] });
const stop = drainOnSignals(process, log);
const progress = createProgress(layoutOf(config));
// From here on: a standby makes progress too. Its commands do not hold the worker lock.
feedWatchdog({ ...progress, run: createRunCommand({ log }), environment: process.env, log });
// A stray rejection inside a library must not end an hour's build; what matters is awaited somewhere.
process.on('unhandledRejection', (err) => log.error({ err }, 'a promise was rejected and nobody looked'));

try {
  // Most of the program is loaded while the lock is waited for: a restarted worker is to build again within a second.
  const [{ fd }, { work }] = await Promise.all([
    acquireWorkerLock(layoutOf(config).lock, {
      log,
      actions: progress,
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
