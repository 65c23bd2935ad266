import { createKnownTokens } from '@bough/host/tokens/known-tokens.ts';
import { createGate } from '@bough/host/queue/gate.ts';
import { layoutOf } from '@bough/core/layout.ts';
import { openLedger } from '@bough/host/ledger/open-ledger.ts';
import { createQueues } from '@bough/host/queue/create-queues.ts';
import { createProducer } from '@bough/host/queue/producer.ts';
import { connectProducer } from '@bough/host/redis/connect-producer.ts';
import { redisOptions } from '@bough/host/redis/redis-options.ts';
import { createRunCommand } from '@bough/host/run-command.ts';
import { feedWatchdog } from '@bough/host/systemd/watchdog.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGuard } from './defence/guard.ts';
import { createGuessLimit } from './defence/guess-limit.ts';
import { watchOutcomes } from './ledger/watch-outcomes.ts';
import { createLog } from './log.ts';
import { createServer } from './server.ts';
import { readSettings } from './settings.ts';
import { startOverOnceCompiled } from './start-over.ts';

const exitUsage = 64; // EX_USAGE of sysexits.h
const exitLater = 75; // EX_TEMPFAIL; systemd starts it again, which is when secrets are handed over anew
const lookAgainMs = 2_000;
const exitConfig = 78; // EX_CONFIG; the unit says RestartPreventExitStatus=78
const closeDeadlineMs = 12_000; // the longest request, and a little

await startOverOnceCompiled(() => import('@bough/host/ledger/ledger-thread.ts'));
const path = process.argv[2] ?? process.env['BOUGH_CONFIG'];
if (path === undefined) {
  process.stderr.write('usage: node main.ts CONFIG (or set BOUGH_CONFIG)\n');
  process.exit(exitUsage);
}
const settings = await readSettings(path, process.env['CREDENTIALS_DIRECTORY']);
if ('problems' in settings) {
  process.stderr.write(`bough-receiver cannot start:\n${settings.problems.join('\n')}\n`);
  if (settings.mayPass) await sleep(lookAgainMs);
  process.exit(settings.mayPass ? exitLater : exitConfig);
}

const { config, boardPassword, redisPassword, webhookSecrets } = settings;
const log = createLog(config.logLevel);
const address = redisOptions(config.redis.url, redisPassword);
const redis = connectProducer({ ...address, connectionName: 'bough-receiver' }, log);
const boardRedis = connectProducer(
  { ...address, connectionName: 'bough-board' },
  log.child({ connection: 'board' }),
  5_000,
);
const producer = createProducer(redis, { log });
const queues = createQueues(boardRedis);
const { bodyLimitBytes, requestTimeoutSec, trustProxies, allowFrom, refusalsPerMinute, keepDeliveries } =
  config.receiver;
const layout = layoutOf(config);
const ledger = openLedger({ path: layout.ledger, keepSec: keepDeliveries, log });
const guard = createGuard({ allowFrom, refusalsPerMinute, log });
const guesses = createGuessLimit({ perMinute: refusalsPerMinute, log });
const stop = new AbortController();

const server = await createServer({
  log,
  redis,
  webhooks: {
    projects: config.projects,
    secrets: webhookSecrets,
    bodyLimitBytes,
    producer,
    guard,
  },
  ledger,
  board: { user: config.board.user, password: boardPassword, guesses, redis: boardRedis, queues },
  api: {
    producer,
    tokens: createKnownTokens({ layout, log }),
    gate: createGate(boardRedis, log.child({ connection: 'board' })),
  },
  limits: { requestTimeoutSec, trustProxies },
});
void guard.remember(ledger);
const watching = watchOutcomes({ redis: boardRedis, queues, ledger, log, stop: stop.signal });

async function close(signal: string): Promise<void> {
  log.info({ signal }, 'receiver stops');
  setTimeout(() => process.exit(1), closeDeadlineMs).unref();
  await server.close();
  stop.abort();
  await watching;
  await ledger.close();
  redis.disconnect();
  boardRedis.disconnect();
}
process.once('SIGTERM', () => void close('SIGTERM'));
process.once('SIGINT', () => void close('SIGINT'));

try {
  await server.listen({ host: config.receiver.host, port: config.receiver.port });
} catch (error) {
  log.fatal({ err: error, ...config.receiver }, 'receiver cannot listen');
  process.exit(1);
}
// All that is waited for here has a deadline of its own: what can stand still is the event loop.
feedWatchdog({
  run: createRunCommand({ log }),
  environment: process.env,
  stuck: () => null,
  status: () => `listens on ${config.receiver.host}, port ${config.receiver.port}`,
  log,
});
